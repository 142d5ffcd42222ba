/** The registry: one line for each operation the app offers. */
import { delay } from './delay.ts';
import type { Operation } from './operation.ts';

export const operations: readonly Operation[] = [];

/** Offered only where DIAGNOSTIC_OPERATIONS is true. */
export const diagnosticOperations: readonly Operation[] = [delay];

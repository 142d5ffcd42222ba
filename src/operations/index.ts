/** The registry: one line for each operation the app offers. */
import { csvProfile } from './csv-profile/index.ts';
import { delay } from './delay.ts';
import type { Operation } from './operation.ts';

export const operations: readonly Operation[] = [csvProfile];

/** Offered only where DIAGNOSTIC_OPERATIONS is true. */
export const diagnosticOperations: readonly Operation[] = [delay];

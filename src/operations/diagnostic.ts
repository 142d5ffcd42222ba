/** The registry of operations that are offered only where DIAGNOSTIC_OPERATIONS is true. */
export { delay } from './delay.ts';
export { delayWorkflow } from './delay-workflow.ts';

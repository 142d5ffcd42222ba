/** The timer-triggered functions. */
import { app, type FunctionInput } from '@azure/functions';
import type { MeasureQueues } from '../jobs/measure-queues.ts';
import type { SweepJobs } from '../jobs/sweep-jobs.ts';
import type { SweepWorkflows } from '../jobs/sweep-workflows.ts';
import { tracing } from '../telemetry/tracing.ts';

/** @param prepared resolves once containers and queues are there */
export function registerTimerFunctions({
  sweep,
  measure,
  sweepWorkflows,
  engineInput,
  prepared,
}: {
  readonly sweep: SweepJobs;
  /** What is done after each sweep, where somebody watches. */
  readonly measure: MeasureQueues | undefined;
  readonly sweepWorkflows: SweepWorkflows;
  /** Brings the workflow engine's client. */
  readonly engineInput: FunctionInput;
  readonly prepared: () => Promise<void>;
}): void {
  app.timer('sweep-jobs', {
    schedule: '0 * * * * *',
    handler: (_, context) =>
      traced('sweep-jobs', async () => {
        await prepared();
        await sweep(context);
        await measure?.(context);
      }),
  });
  app.timer('sweep-workflows', {
    schedule: '0 30 3 * * *',
    extraInputs: [engineInput],
    handler: (_, context) =>
      traced('sweep-workflows', async () => {
        await prepared();
        await sweepWorkflows(context);
      }),
  });
}

/** Nobody asked for it: a trace of its own. */
function traced(name: string, work: () => Promise<void>): Promise<void> {
  return tracing.trace({ name, kind: 'internal', parent: {} }, work);
}

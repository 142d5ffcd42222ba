/** The timer-triggered functions. */
import { app, type FunctionInput } from '@azure/functions';
import type { SweepJobs } from '../jobs/sweep-jobs.ts';
import type { SweepWorkflows } from '../jobs/sweep-workflows.ts';

/** @param prepared resolves once containers and queues are there */
export function registerTimerFunctions({
  sweep,
  sweepWorkflows,
  engineInput,
  prepared,
}: {
  readonly sweep: SweepJobs;
  readonly sweepWorkflows: SweepWorkflows;
  /** Brings the workflow engine's client. */
  readonly engineInput: FunctionInput;
  readonly prepared: () => Promise<void>;
}): void {
  app.timer('sweep-jobs', {
    schedule: '0 * * * * *',
    async handler(_, context) {
      await prepared();
      await sweep(context);
    },
  });
  app.timer('sweep-workflows', {
    schedule: '0 30 3 * * *',
    extraInputs: [engineInput],
    async handler(_, context) {
      await prepared();
      await sweepWorkflows(context);
    },
  });
}

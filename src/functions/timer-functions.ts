/** The timer-triggered functions. */
import { app } from '@azure/functions';
import type { SweepJobs } from '../jobs/sweep-jobs.ts';

/** @param prepared resolves once containers and queues are there */
export function registerTimerFunctions({
  sweep,
  prepared,
}: {
  readonly sweep: SweepJobs;
  readonly prepared: () => Promise<void>;
}): void {
  app.timer('sweep-jobs', {
    schedule: '0 * * * * *',
    async handler(_, context) {
      await prepared();
      await sweep(context);
    },
  });
}

/** Faults in what an attempt still does once its job is no longer its own. */
import { randomUUID } from 'node:crypto';
import { work } from '../support/work.ts';
import { arrangedWithMessage } from './arranged-with-message.ts';
import { deliverOnce, host } from './hearing.ts';
import type { Scenario, ScenarioWork } from './scenario.ts';

/** While the first attempt works unclaimed, another delivery of it claims the job, and dies. */
const workOvertaken: ScenarioWork = async (context, _, { store }) => {
  if (context.attempt === 1) {
    const job = await store.look(context.ref);
    if (job !== undefined) await store.acquireLease(job.ref, randomUUID(), job.etag);
  }
  return await work(context);
};

/** While attempt 2 works, somebody begins to cancel its job, and dies. */
const workCanceled: ScenarioWork = async (context, _, { store }) => {
  if (context.attempt === 2) await store.breakLease(context.ref);
  return await work(context);
};

export const lostScenarios: readonly Scenario[] = [
  {
    title: 'Lost to another attempt',
    story:
      'Another delivery claims the job under an attempt that has not claimed, and dies; publishing is refused.',
    work: workOvertaken,
    arrange: arrangedWithMessage('requests', {}),
    act: deliverOnce,
    hears: host,
    agrees: (_, end) => end?.state === 'Succeeded',
  },
  {
    title: 'Lost to a cancel that has died',
    story: 'The lease of attempt 2 is broken and nothing more; publishing is refused.',
    work: workCanceled,
    arrange: arrangedWithMessage('requests', { attempt: 2, waiting: true }),
    act: deliverOnce,
    hears: host,
    // Where attempt 2 does not come to its work, nobody has begun to cancel.
    agrees: (_, end) => end?.state === 'Canceled' || (end?.state === 'Succeeded' && end.attempt === 3),
  },
];

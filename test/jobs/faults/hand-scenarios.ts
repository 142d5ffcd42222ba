/** Faults while somebody cancels, deletes or retries a job. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Job } from '../../../src/jobs/job.ts';
import { type Arrangement, arrangeJob } from '../support/arranged-job.ts';
import type { Instance, Outcome } from '../support/instance.ts';
import type { JobStorage } from '../support/job-storage.ts';
import { work } from '../support/work.ts';
import { arrangedWithMessage } from './arranged-with-message.ts';
import { client, delivered } from './hearing.ts';
import type { Act, Scenario } from './scenario.ts';

type UseCase = 'cancel' | 'remove' | 'retry';

const withMessage = () => arrangedWithMessage('requests', {});
const withoutMessage = (arrangement: Arrangement) => async (storage: JobStorage) =>
  (await arrangeJob(storage, { limit: 5, ...arrangement })).ref;

const by =
  (useCase: UseCase) =>
  ({ subject, ref }: Pick<Act, 'subject' | 'ref'>): Promise<Outcome<unknown>> =>
    subject.run<unknown>((app) => app[useCase](ref));

/** Does it while a healthy attempt runs, which lasts until it has noticed, or two heartbeats long. */
const whileRunning = (useCase: UseCase) => async (act: Act) => {
  const released = Promise.withResolvers<void>();
  const worker: Instance = act.healthy(
    async (context) => {
      await Promise.race([released.promise, once(context.signal, 'abort')]);
      context.signal.throwIfAborted();
      return await work(context);
    },
    { claimAfterMs: 0, heartbeatMs: 25 },
  );
  const delivery = delivered(act.host, worker);
  await worker.after('claim');
  const outcome = await by(useCase)(act);
  const twoHeartbeats = worker.next('heartbeat').then(() => worker.next('heartbeat'));
  await Promise.race([twoHeartbeats, delivery]);
  released.resolve();
  await delivery;
  return outcome;
};

const canceledIfTold = (heard: string, end: Job | undefined) =>
  heard === '200' ? end?.state === 'Canceled' : end?.state === 'Canceled' || end?.state === 'Succeeded';
const goneIfTold = (heard: string, end: Job | undefined) => heard !== '204' || end === undefined;

const succeededIfTold = (heard: string, end: Job | undefined) =>
  end?.state === 'Succeeded' || (heard !== '202' && end?.state === 'Failed');

export const handScenarios: readonly Scenario[] = [
  {
    title: 'Cancel',
    story: 'A job is canceled that no attempt has claimed.',
    arrange: withMessage(),
    act: by('cancel'),
    hears: client('200'),
    agrees: canceledIfTold,
  },
  {
    title: 'Cancel, running',
    story: 'A job is canceled while an attempt runs.',
    arrange: withMessage(),
    act: whileRunning('cancel'),
    hears: client('200'),
    agrees: canceledIfTold,
  },
  {
    title: 'Delete',
    story: 'A job is deleted that no attempt has claimed.',
    arrange: withMessage(),
    act: by('remove'),
    hears: client('204'),
    agrees: goneIfTold,
  },
  {
    title: 'Delete, running',
    story: 'A job is deleted while an attempt runs.',
    arrange: withMessage(),
    act: whileRunning('remove'),
    hears: client('204'),
    agrees: goneIfTold,
  },
  {
    title: "Operator's retry",
    story: 'A job that failed in its third attempt is taken back.',
    arrange: withoutMessage({ state: 'Failed', attempt: 3, token: randomUUID() }),
    act: by('retry'),
    hears: client('202'),
    agrees: succeededIfTold,
    reopens: true,
    strands: true,
  },
  {
    title: "Operator's retry, repeated",
    story: 'An earlier retry died before its message was put.',
    arrange: withoutMessage({ attempt: 4, waiting: true }),
    act: by('retry'),
    hears: client('202'),
    agrees: succeededIfTold,
    strands: true,
  },
];

/** One job and several instances at it, watched after every call of any of them. */
import { expect } from '@jest/globals';
import type { Job } from '../../../src/jobs/job.ts';
import type { Pace } from '../../../src/jobs/run-attempt.ts';
import { type Arrangement, arrangeJob } from './arranged-job.ts';
import { type Instance, type Outcome, startInstance } from './instance.ts';
import type { JobStorage } from './job-storage.ts';
import { watchJob } from './job-watch.ts';
import { longReplyOf, longWork } from './long-work.ts';
import type { Around } from './port-call.ts';
import { queueHost } from './queue-host.ts';
import { REQUEST, registryFor, replyOf, type Work, work } from './work.ts';

/** More than any test here leaves to be delivered. */
const MOST_DELIVERIES = 8;

/** How a delivery ends that is done with its message. */
export const RETURNED: Outcome<void> = { is: 'answered', value: undefined };

export interface Contest {
  readonly job: Job;
  start(run?: Work, around?: Around, pace?: Partial<Pace>): Instance;
  /** Has the instance handle the job's message. */
  deliver(instance: Instance, dequeueCount?: number): Promise<Outcome<void>>;
  /** Plays the queue on until it is empty, checks every rule, and says what became of the job. */
  end(): Promise<Job | undefined>;
}

/** @param arrangement of the job; `isLong` where its replies are staged */
export async function contend(
  storage: JobStorage,
  { isLong = false, ...arrangement }: Arrangement & { isLong?: boolean } = {},
): Promise<Contest> {
  const job = await arrangeJob(storage, { limit: 5, ...arrangement });
  const watch = watchJob(storage, {
    ref: job.ref,
    request: REQUEST,
    replyOf: isLong ? longReplyOf : replyOf,
    reopens: arrangement.state === 'Failed',
  });
  await watch.observe();

  const contest: Contest = {
    job,
    start(run = isLong ? longWork : work, around = (_, call) => call(), pace = {}) {
      return startInstance(storage, {
        registry: registryFor(run, { retry: { maxAttempts: 5 } }),
        pace,
        around: watch.after(around),
      });
    },
    deliver: (instance, dequeueCount = 1) =>
      instance.run((app) => app.deliver({ job: job.ref, attempt: job.attempt }, dequeueCount)),
    async end() {
      await queueHost(storage).playOn(() => contest.start(), MOST_DELIVERIES);
      const final = await watch.finalJob();
      expect(watch.violations).toEqual([]);
      return final;
    },
  };
  return contest;
}

/** Everybody who waits at it goes on once `count` do. */
export function barrier(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return () => {
    waiting++;
    if (waiting === count) resolve();
    return promise;
  };
}

/** Attempts that end without a word, in a row: each is put off longer, and the job ends. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { putOffSeconds } from '../../src/jobs/lost-attempt.ts';
import { arrangeJob, lookAt } from './support/arranged-job.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { queueHost } from './support/queue-host.ts';
import { registryFor, type Work, work } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => Promise.all([storage.requests.clearMessages(), storage.poison.clearMessages()]));

/** More than a job of five attempts needs: each is delivered again after its worker's death, and put off once. */
const MOST_DELIVERIES = 12;

/** Instances whose process ends in the attempts that `dies` names, each started at a moment that is noted. */
function instances(dies: (attempt: number) => boolean, startedAt: Date[], otherwise: Work = work) {
  return function start(): Instance {
    const instance: Instance = startInstance(storage, {
      registry: registryFor(async (context) => {
        startedAt.push(storage.now());
        if (!dies(context.attempt)) return await otherwise(context);
        instance.kill();
        return await new Promise(() => undefined);
      }),
    });
    return instance;
  };
}

async function arrangeWithMessage(): Promise<string> {
  const { ref } = await arrangeJob(storage, { limit: 5 });
  await storage.queue.put(undefined, { job: ref, attempt: 1 }, 0);
  return ref;
}

test('a job that kills its worker each time ends Failed after its attempts, further and further apart', async () => {
  const ref = await arrangeWithMessage();
  const startedAt: Date[] = [];
  await queueHost(storage).playOn(
    instances(() => true, startedAt),
    MOST_DELIVERIES,
  );
  expect(await lookAt(storage, ref)).toMatchObject({
    state: 'Failed',
    attempt: 5,
    problem: {
      code: 'attempts-exhausted',
      status: 500,
      reason: expect.stringMatching(/^attempt 5 ended without a word: its worker crashed/),
    },
  });
  const gapsSeconds = startedAt.slice(1).map((at, index) => (at.getTime() - Number(startedAt[index])) / 1000);
  // The message of a dead worker returns after 30 s; then comes what the attempt is put off by.
  const leastSeconds = [30, 35, 55, 155];
  expect(gapsSeconds).toHaveLength(leastSeconds.length);
  for (const [index, least] of leastSeconds.entries()) {
    expect(gapsSeconds[index]).toBeGreaterThanOrEqual(least);
  }
  expect(await storage.countMessages()).toBe(0);
});

test('an operator sees why there is another attempt, and can retry the failed job', async () => {
  const ref = await arrangeWithMessage();
  const host = queueHost(storage);
  await host.playOn(
    instances(() => true, []),
    MOST_DELIVERIES,
  );
  const operator = startInstance(storage, { registry: registryFor() });
  const retried = await operator.run((app) => app.retry(ref));
  expect(retried).toMatchObject({ value: { state: 'Pending', attempt: 6, lost: 0 } });
  await host.playOn(
    instances((attempt) => attempt < 8, []),
    MOST_DELIVERIES,
  );
  expect(await lookAt(storage, ref)).toMatchObject({ state: 'Succeeded', attempt: 8 });
});

test('an attempt that fails in its own words ends the row', async () => {
  const ref = await arrangeWithMessage();
  const throwing: Work = async (context) => {
    if (context.attempt === 2) throw new Error('not yet');
    return await work(context);
  };
  const startedAt: Date[] = [];
  await queueHost(storage).playOn(
    instances((attempt) => attempt === 1 || attempt === 3, startedAt, throwing),
    MOST_DELIVERIES,
  );
  expect(await lookAt(storage, ref)).toMatchObject({ state: 'Succeeded', attempt: 4 });
  // The third attempt's loss is the first of a new row: the fourth begins with the next delivery.
  expect(Number(startedAt[3]) - Number(startedAt[2])).toBeLessThan(60_000);
});

test('how long the next attempt is put off, by the losses before it', () => {
  const longest = [0, 1, 2, 3, 4, 20].map((lost) => putOffSeconds(lost, () => 0.999));
  const shortest = [0, 1, 2, 3, 4, 20].map((lost) => putOffSeconds(lost, () => 0));
  expect(longest).toEqual([0, 10, 50, 250, 300, 300]);
  expect(shortest).toEqual([0, 5, 25, 125, 150, 150]);
});

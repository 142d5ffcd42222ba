/** The sweep: what nobody polls is recovered, what is over goes, and each minute costs the same. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { StorageUnavailable } from '../../src/jobs/errors.ts';
import { type Job, LAYOUT } from '../../src/jobs/job.ts';
import { type Arrangement, arrangeJob, lookAt } from './support/arranged-job.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { before } from './support/interventions.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { expectOneMessage } from './support/messages.ts';
import type { Around } from './support/port-call.ts';
import { registryFor } from './support/work.ts';

const RETENTION_SECONDS = 3600;

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());
afterEach(async () => {
  for await (const { name } of storage.container.listBlobsFlat()) {
    await storage.store.breakLease(name);
    await storage.store.delete(name);
  }
  for await (const { name } of storage.uploadContainer.listBlobsFlat()) {
    await storage.uploadContainer.deleteBlob(name);
  }
  await swept();
});

interface Sweeping {
  readonly pagesPerMinute?: number;
  readonly pageItems?: number;
  readonly around?: Around;
}

/** An instance that has swept once. */
async function swept({ around, ...sweep }: Sweeping = {}): Promise<Instance> {
  const instance = startInstance(storage, { registry: registryFor(), sweep, ...(around && { around }) });
  await instance.run((app) => app.sweep());
  return instance;
}

const steps = ({ calls }: Instance) => calls.map(({ step }) => step);
const count = (instance: Instance, step: string) => steps(instance).filter((one) => one === step).length;
const report = ({ log }: Instance) => JSON.parse(log.at(-1)?.replace('jobs swept ', '') ?? '{}');
const remaining = async (jobs: readonly Job[]) => {
  const seen = await Promise.all(jobs.map(({ ref }) => storage.store.look(ref)));
  return seen.flatMap((job) => job ?? []);
};
const arrangeEnded = (arrangement: Arrangement = {}) =>
  arrangeJob(storage, { state: 'Succeeded', retentionSeconds: RETENTION_SECONDS, ...arrangement });

describe('recovers', () => {
  test('a job whose attempt died', async () => {
    const job = await arrangeJob(storage, { lease: 'expired' });
    const instance = await swept();
    expect(steps(instance)).toEqual(['begin sweep', 'list', 'next attempt', 'enqueue', 'list', 'end sweep']);
    expect(report(instance)).toMatchObject({ items: 1, recovered: 1, removed: 0 });
    expect(await lookAt(storage, job.ref)).toMatchObject({ attempt: 2, waiting: true });
    await expectOneMessage(storage, job, 2, 0);
  });

  test('a job whose message is lost, and none of a backlog that waits its turn', async () => {
    const lost = await arrangeJob(storage);
    await storage.advance(31);
    const instance = await swept();
    expect(report(instance)).toMatchObject({ items: 1, recovered: 1 });
    await expectOneMessage(storage, lost, 1, 0);

    await storage.queue.put(undefined, { job: lost.ref, attempt: 1 }, 0);
    await Promise.all(Array.from({ length: 20 }, () => arrangeJob(storage)));
    await storage.advance(3600);
    const backlog = await swept();
    expect(steps(backlog)).toEqual(['begin sweep', 'list', 'peek', 'list', 'end sweep']);
    expect(report(backlog)).toMatchObject({ items: 21, recovered: 0 });
  });

  test('nothing that is well: running, put off, finished, just accepted', async () => {
    await arrangeJob(storage, { lease: 'live' });
    await arrangeJob(storage, { waiting: true, notBefore: new Date(storage.now().getTime() + 60_000) });
    await arrangeEnded();
    await arrangeJob(storage);
    expect(steps(await swept())).toEqual(['begin sweep', 'list', 'list', 'end sweep']);
  });

  test('the rest though one cannot be: it is left for the next sweep', async () => {
    const jobs = await Promise.all([1, 2, 3].map(() => arrangeJob(storage)));
    await storage.advance(31);
    let failed = false;
    const instance = await swept({
      around: async (call, run) => {
        if (call.step !== 'recover' || failed) return await run();
        failed = true;
        throw new StorageUnavailable(call.storageCall);
      },
    });
    expect(report(instance)).toMatchObject({ items: 3, recovered: 2 });
    expect((await remaining(jobs)).map(({ recovered }) => recovered).sort()).toEqual([0, 1, 1]);
  });
});

describe('removes', () => {
  test.each(['Succeeded', 'Failed', 'Canceled'] as const)('a %s job after its retention', async (state) => {
    const job = await arrangeEnded({ state });
    await storage.advance(RETENTION_SECONDS - 60);
    expect(report(await swept())).toMatchObject({ items: 1, removed: 0 });
    await storage.advance(61);
    expect(report(await swept())).toMatchObject({ items: 1, removed: 1 });
    expect(await storage.store.look(job.ref)).toBeUndefined();
  });

  test('no pending job, however old', async () => {
    const job = await arrangeEnded({ state: 'Pending', lease: 'live' });
    await storage.advance(RETENTION_SECONDS + 1);
    await swept();
    expect((await lookAt(storage, job.ref)).state).toBe('Pending');
  });

  test('none that an operator retries at this moment', async () => {
    const job = await arrangeEnded({ state: 'Failed' });
    await storage.advance(RETENTION_SECONDS + 1);
    const { lease, etag, ...fields } = job;
    const retry = before('delete', () =>
      storage.store.write(job.ref, { ...fields, state: 'Pending', attempt: 2, waiting: true }, { etag }),
    );
    expect(report(await swept({ around: retry }))).toMatchObject({ removed: 0 });
    expect(await lookAt(storage, job.ref)).toMatchObject({ state: 'Pending', attempt: 2 });
  });

  test('none whose last attempt still has its lease: a later sweep does', async () => {
    const job = await arrangeEnded({ lease: 'live', retentionSeconds: 1 });
    await storage.advance(2);
    expect(report(await swept())).toMatchObject({ removed: 0 });
    await storage.advance(30);
    expect(report(await swept())).toMatchObject({ removed: 1 });
    expect(await storage.store.look(job.ref)).toBeUndefined();
  });

  test('none of a newer version of the app', async () => {
    const job = await arrangeEnded({ retentionSeconds: 1 });
    const blob = storage.container.getBlobClient(job.ref);
    const { metadata = {} } = await blob.getProperties();
    await blob.setMetadata({ ...metadata, v: String(LAYOUT + 1) });
    await storage.advance(3600);
    expect(report(await swept())).toMatchObject({ items: 1, removed: 0, recovered: 0 });
    expect(await storage.store.look(job.ref)).toBeDefined();
  });
});

describe('removes an upload', () => {
  /** What the operation of these tests has by default. */
  const KEPT_SECONDS = 7 * 86_400;

  async function upload(name: string): Promise<void> {
    await storage.uploadContainer.getBlockBlobClient(name).upload(name, name.length);
  }
  const names = async () => {
    const found: string[] = [];
    for await (const { name } of storage.uploadContainer.listBlobsFlat()) found.push(name);
    return found;
  };

  test('after the longest retention of any operation, a day at least, from its last write', async () => {
    await upload('old');
    await upload('renewed');
    await storage.advance(KEPT_SECONDS - 60);
    expect(report(await swept())).toMatchObject({ items: 2, removed: 0 });
    await upload('renewed');
    await storage.advance(61);
    expect(report(await swept())).toMatchObject({ items: 2, removed: 1 });
    expect(await names()).toEqual(['renewed']);
  });

  test('and none that is written again at this moment', async () => {
    await upload('renewed');
    await storage.advance(KEPT_SECONDS + 1);
    await swept({ around: before('delete', () => upload('renewed')) });
    expect(await names()).toEqual(['renewed']);
  });

  test('in the same round, page by page behind the jobs', async () => {
    await Promise.all(Array.from({ length: 7 }, (_, index) => upload(`old-${index}`)));
    await storage.advance(KEPT_SECONDS + 1);
    await Promise.all(Array.from({ length: 4 }, () => arrangeEnded()));
    const seen = [];
    for (let minute = 0; minute < 3; minute++) {
      const { items, removed, isRoundComplete } = report(await swept({ pageItems: 3, pagesPerMinute: 2 }));
      seen.push({ items, removed, isRoundComplete });
    }
    expect(seen).toEqual([
      { items: 4, removed: 0, isRoundComplete: false },
      { items: 6, removed: 6, isRoundComplete: false },
      { items: 1, removed: 1, isRoundComplete: true },
    ]);
  });
});

describe('costs the same each minute', () => {
  const small = { pageItems: 3, pagesPerMinute: 2 };

  async function arrangeExpired(jobs: number): Promise<Job[]> {
    const arranged = await Promise.all(
      Array.from({ length: jobs }, () => arrangeEnded({ retentionSeconds: 1 })),
    );
    await storage.advance(2);
    return arranged;
  }

  test('so many pages, going on where the last one stopped, round after round', async () => {
    await Promise.all(Array.from({ length: 14 }, () => arrangeEnded()));
    const seen = [];
    for (let minute = 0; minute < 4; minute++) {
      const instance = await swept(small);
      expect(count(instance, 'list')).toBeLessThanOrEqual(2);
      const { pages, items, isRoundComplete } = report(instance);
      seen.push({ pages, items, isRoundComplete });
    }
    expect(seen).toEqual([
      { pages: 2, items: 6, isRoundComplete: false },
      { pages: 2, items: 6, isRoundComplete: false },
      { pages: 2, items: 2, isRoundComplete: true },
      { pages: 2, items: 6, isRoundComplete: false },
    ]);
  });

  test('removing what it passes loses no place', async () => {
    const jobs = await arrangeExpired(14);
    for (let minute = 0; minute < 3; minute++) await swept(small);
    expect(await remaining(jobs)).toEqual([]);
  });

  test('of two sweepers at once, one sweeps', async () => {
    const jobs = await arrangeExpired(5);
    const sweepers = await Promise.all([swept(small), swept(small), swept(small)]);
    expect(sweepers.map((one) => count(one, 'list')).sort()).toEqual([0, 0, 2]);
    expect(await remaining(jobs)).toEqual([]);
  });

  test('after a sweeper that died, the next minute goes on where the last whole sweep stopped', async () => {
    await Promise.all(Array.from({ length: 14 }, () => arrangeEnded()));
    await swept(small);
    const dying: Instance = startInstance(storage, {
      registry: registryFor(),
      sweep: small,
      around: async (call, run) => {
        if (call.step === 'end sweep') dying.kill();
        return await run();
      },
    });
    expect(await dying.run((app) => app.sweep())).toEqual({ is: 'killed' });
    expect(steps(await swept(small))).toEqual(['begin sweep']);
    await storage.advance(51);
    expect(report(await swept(small))).toMatchObject({ items: 6, isRoundComplete: false });
    expect(report(await swept(small))).toMatchObject({ items: 2, isRoundComplete: true });
  });

  test('storage that fails in the middle: the next minute repeats that page and goes on', async () => {
    const jobs = await arrangeExpired(8);
    let lists = 0;
    await swept({
      ...small,
      around: async (call, run) => {
        if (call.step === 'list' && ++lists === 2) throw new StorageUnavailable(call.storageCall);
        return await run();
      },
    });
    expect(await remaining(jobs)).toHaveLength(5);
    expect(report(await swept(small))).toMatchObject({ items: 5, removed: 5 });
  });

  test('a place that storage no longer takes: the next minute begins anew', async () => {
    await Promise.all(Array.from({ length: 8 }, () => arrangeEnded()));
    await swept(small);
    await swept({
      ...small,
      around: async (call, run) => {
        if (call.step === 'list') throw new StorageUnavailable(call.storageCall);
        return await run();
      },
    });
    expect(report(await swept(small))).toMatchObject({ items: 6, isRoundComplete: false });
  });
});

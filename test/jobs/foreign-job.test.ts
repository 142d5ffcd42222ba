/** Blobs that this version did not write: of a newer version, or edited by a stranger. Nothing they say makes a crash. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Refusal } from '../../src/jobs/errors.ts';
import { type JobFields, LAYOUT } from '../../src/jobs/job.ts';
import { OperationError } from '../../src/operations/operation.ts';
import { arrangeJob, lookAt, newRef } from './support/arranged-job.ts';
import { editedMetadata, type MetadataEdit } from './support/edited-metadata.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { queueHost } from './support/queue-host.ts';
import { registryFor } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

/** A job whose metadata somebody has edited; `undefined` takes a name away. */
async function arrangeEdited(edits: MetadataEdit, from: Partial<JobFields> = {}): Promise<string> {
  const { ref } = await arrangeJob(storage, { limit: 2, ...from });
  const blob = storage.container.getBlobClient(ref);
  const { metadata = {} } = await blob.getProperties();
  const edited = Object.entries({ ...metadata, ...edits }).filter(([, value]) => value !== undefined);
  await blob.setMetadata(Object.fromEntries(edited) as Record<string, string>);
  return ref;
}

const instance = () => startInstance(storage, { registry: registryFor() });

describe('metadata edited by a stranger', () => {
  test.each(editedMetadata)(
    '%s: delivered, revived, canceled, retried and deleted without a crash',
    async (_, edit) => {
      const ref = await arrangeEdited(edit);
      await storage.queue.put(undefined, { job: ref, attempt: 1 }, 0);
      const deliveries = await queueHost(storage).playOn(instance, 6);
      expect(deliveries.map(({ outcome }) => outcome.is)).not.toContain('refused');

      const revived = await arrangeEdited(edit);
      expect(await instance().run((app) => app.revive({ job: revived, attempt: 1 }))).toMatchObject({
        is: 'answered',
      });
      for (const state of ['Failed', 'Pending'] as const) {
        for (const useCase of ['retry', 'cancel', 'remove'] as const) {
          const job = await arrangeEdited(edit, { state });
          const outcome = await instance().run<unknown>((app) => app[useCase](job));
          if (outcome.is === 'refused') expect(outcome.error).toBeInstanceOf(Refusal);
        }
      }
    },
  );

  test('a blob that is no job at all is none', async () => {
    const ref = newRef();
    await storage.container.getBlockBlobClient(ref).upload('{}', 2, { metadata: { hello: 'world' } });
    expect(await storage.store.look(ref)).toBeUndefined();
    expect(await instance().run((app) => app.deliver({ job: ref, attempt: 1 }, 1))).toMatchObject({
      is: 'answered',
    });
    const { jobs } = await storage.store.list({ size: 1000 });
    expect(jobs.map((job) => job.ref)).not.toContain(ref);
  });
});

describe('a job of a newer version', () => {
  const newer = { v: String(LAYOUT + 1) };
  /** What this version makes neither head nor tail of. */
  const unreadable: MetadataEdit = {
    ...newer,
    state: 'Suspended',
    operation: undefined,
    retention: undefined,
  };
  const ofState: [string, MetadataEdit][] = [
    ['whose state this version does not know', unreadable],
    [
      'that has ended, its retention said in another way',
      { ...newer, state: 'Failed', retention: undefined },
    ],
  ];

  test.each(['deliver', 'revive'] as const)(
    'is left to it by %s: its message comes again',
    async (useCase) => {
      for (const [, edit] of ofState) {
        const ref = await arrangeEdited(edit);
        const { etag } = await lookAt(storage, ref);
        const message = { job: ref, attempt: 1 };
        await instance().run((app) => (useCase === 'revive' ? app.revive(message) : app.deliver(message, 1)));
        expect((await lookAt(storage, ref)).etag).toBe(etag);
        expect(await storage.countMessages()).toBe(1);
        await storage.requests.clearMessages();
      }
    },
  );

  test.each(ofState)('%s: is there for whoever polls, and stays', async (_, edit) => {
    const ref = await arrangeEdited(edit);
    await storage.advance(3600);
    const { etag } = await lookAt(storage, ref);
    expect(await instance().run((app) => app.read(ref))).toMatchObject({ is: 'answered', value: { ref } });
    await instance().run((app) => app.sweep());
    for (const useCase of ['cancel', 'retry'] as const) {
      expect(await instance().run<unknown>((app) => app[useCase](ref))).toMatchObject({
        error: { code: 'job-newer' },
      });
    }
    expect((await lookAt(storage, ref)).etag).toBe(etag);
  });

  test.each(['cancel', 'retry'] as const)('is not touched by %s', async (useCase) => {
    for (const state of ['Pending', 'Failed'] as const) {
      const ref = await arrangeEdited({ v: String(LAYOUT + 1) }, { state });
      const { etag } = await lookAt(storage, ref);
      expect(await instance().run<unknown>((app) => app[useCase](ref))).toMatchObject({
        error: { code: 'job-newer' },
      });
      expect((await lookAt(storage, ref)).etag).toBe(etag);
    }
    expect(await storage.countMessages()).toBe(0);
  });
});

describe('the metadata of an attempt with the longest texts', () => {
  const LONG = 'ä\u0007€😀'.repeat(3000);

  async function metadataOf(ref: string): Promise<Record<string, string>> {
    return (await storage.container.getBlobClient(ref).getProperties()).metadata ?? {};
  }

  function expectToFit(metadata: Record<string, string>): void {
    const bytes = Object.entries(metadata).reduce(
      (sum, [name, value]) => sum + name.length + value.length,
      0,
    );
    expect(bytes).toBeLessThan(8192);
    for (const value of Object.values(metadata)) expect(value).toMatch(/^[\x20-\x7e]*$/);
  }

  test('is ASCII and below 8 KiB at every step', async () => {
    const params = { note: 'x'.repeat(2030) };
    const operation = 'o'.repeat(50);
    const job = await arrangeJob(storage, {
      operation,
      params,
      attempt: 1_000_000_000,
      limit: 1_000_000_001,
      waiting: true,
      retentionSeconds: 3_000_000_000,
    });
    let worker: Instance | undefined;
    const registry = registryFor(
      async ({ progress, attempt }) => {
        progress(33, LONG);
        await worker?.after('progress');
        expectToFit(await metadataOf(job.ref));
        if (attempt > 1_000_000_000) throw new OperationError(LONG, { code: LONG });
        throw new Error(LONG);
      },
      { name: operation },
    );
    await storage.queue.put(undefined, { job: job.ref, attempt: job.attempt }, 0);
    const next = () => {
      worker = startInstance(storage, { registry });
      return worker;
    };
    await queueHost(storage).playOn(next, 6);
    const metadata = await metadataOf(job.ref);
    expect(metadata.state).toBe('Failed');
    expectToFit(metadata);
    expect(await lookAt(storage, job.ref)).toMatchObject({ problem: { status: 422 }, params });
  });
});

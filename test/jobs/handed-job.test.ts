/** A workflow's job that is canceled while it is handed to the engine, and after: nothing of it is started, nothing published. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fieldsOf } from '../../src/jobs/job.ts';
import { arrangeJob, lookAt } from './support/arranged-job.ts';
import { startInstance } from './support/instance.ts';
import { before } from './support/interventions.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { standInEngine } from './support/stand-in-engine.ts';
import { OPERATION, workflowRegistry } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());

const steps = ({ calls }: ReturnType<typeof startInstance>) => calls.map(({ step }) => step);

test('its mark refused, for it was canceled meanwhile: the engine hears of nothing', async () => {
  const job = await arrangeJob(storage);
  const engine = standInEngine();
  const cancel = before('hand over', () =>
    storage.store.write(job.ref, { ...fieldsOf(job), state: 'Canceled' }, { etag: job.etag }),
  );
  const instance = startInstance(storage, { registry: workflowRegistry(), engine, around: cancel });
  await instance.run((app) => app.deliver({ job: job.ref, attempt: 1 }, 1));
  expect(steps(instance)).toEqual(['take', 'hand over', 'take']);
  expect(engine.started).toEqual([]);
});

/** The app died between the two calls of a cancel: the lease of the last activity is broken and nothing more. */
async function arrangeHalfCanceled() {
  const handedAt = storage.now();
  const job = await arrangeJob(storage, { handedAt, lease: 'broken' });
  const run = { ref: job.ref, operation: OPERATION, attempt: 1, handedAt: handedAt.toISOString() };
  return { job, run, instance: startInstance(storage, { registry: workflowRegistry() }) };
}

test('a cancel has broken its lease and got no further: its reply is not published', async () => {
  const { job, run, instance } = await arrangeHalfCanceled();
  const order = { run, activity: 'reply', input: null, progress: undefined, hasFiles: false };
  const outcome = await instance.run((app) => app.runActivity(order));
  expect(outcome).toEqual({ is: 'answered', value: { is: 'over' } });
  expect((await lookAt(storage, job.ref)).etag).toBe(job.etag);
});

test('a cancel has broken its lease and got no further: it is not failed, nor tried again', async () => {
  const { job, run, instance } = await arrangeHalfCanceled();
  await instance.run((app) => app.settle(run, { is: 'failed', reason: 'no more' }));
  expect((await lookAt(storage, job.ref)).etag).toBe(job.etag);
  await instance.run((app) => app.read(job.ref));
  expect((await lookAt(storage, job.ref)).state).toBe('Canceled');
});

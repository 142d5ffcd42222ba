/** Canceled in every phase of `image-renditions`: no reply ever, the engine's instance ended, nothing left behind. */
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { type FunctionApp, startAppBehindProxy } from '../support/function-app.ts';
import { type TestStorageAccount, takeStorageAccount } from '../support/storage-account.ts';
import { ask, documentOf, problemOf, type StartedJob } from './api.ts';
import { holdAt, phases } from './rendition-phases.ts';
import { madePhoto, startRenditions } from './renditions.ts';

let storage: TestStorageAccount;
let proxy: StorageProxy;
let app: FunctionApp;
let photo: Buffer;
const jobs: StartedJob[] = [];

beforeAll(async () => {
  storage = await takeStorageAccount();
  ({ app, proxy } = await startAppBehindProxy({}, storage));
  photo = await madePhoto(400, 300);
});
afterAll(() => app?.stop());

test.each(Object.entries(phases))('canceled at %s: 410, and the instance ends', async (phase, on) => {
  const held = holdAt(
    proxy,
    on,
    jobs.map(({ ref }) => ref),
  );
  const job = await startRenditions(app, photo, 'widths=16,32,64&formats=webp,png');
  await held.reached;
  const canceled = await ask(app, 'POST', `/api/jobs/${job.id}/cancel`);
  held.letGo();
  jobs.push(job);
  expect(documentOf(canceled).status).toBe('Canceled');
  problemOf(await ask(app, 'GET', job.location), 410, 'job-canceled');
  // Before the hand-over the engine knows nothing of it.
  await app.logged(
    phase === 'start'
      ? new RegExp(`delivery idle .*${job.ref}`)
      : new RegExp(`Instance ${job.ref} .*Terminated`),
  );
});

test('… and once all that was under way has ended, no reply and no file is there', async () => {
  expect(jobs).toHaveLength(Object.keys(phases).length);
  await app.host.stop();
  for (const { ref } of jobs) {
    const blob = app.jobs.getBlobClient(ref);
    expect(await blob.downloadToBuffer()).toEqual(photo);
    expect((await blob.getProperties()).metadata?.state).toBe('Canceled');
  }
  const scratch = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient(
    'scratch',
  );
  const left: string[] = [];
  for await (const { name } of scratch.listBlobsFlat()) left.push(name);
  expect(left).toEqual([]);
});

/**
 * The host dies, as of SIGKILL, in every phase of `image-renditions`, and another one starts on the same storage and data:
 * the job ends with its whole zip, and nothing of the way there is left. WORKFLOW_RECOVERY=real (`npm run renditions:recovery`)
 * takes the times that the app has in Azure, and a minute or two for each phase.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type StorageProxy, startStorageProxy } from '../../dev/storage-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { takeStorageAccount } from '../support/storage-account.ts';
import { ask, documentOf, type StartedJob } from './api.ts';
import { holdAt, phases } from './rendition-phases.ts';
import { madePhoto, readRenditions, startRenditions } from './renditions.ts';

const isReal = process.env.WORKFLOW_RECOVERY === 'real';
/** What a dead host had taken is hidden from the next one for so long. */
const hidden = (setting: string) =>
  `AzureFunctionsJobHost__extensions__durableTask__storageProvider__${setting}VisibilityTimeout`;
const SOON = { [hidden('workItemQueue')]: '00:00:01', [hidden('controlQueue')]: '00:00:01' };
const RESUMED_WITHIN_MS = isReal ? 120_000 : 20_000;

let proxy: StorageProxy;
let dataDir: string;
let scratch: ContainerClient;
let start: () => Promise<FunctionApp>;
let app: FunctionApp;
let photo: Buffer;
const refs: string[] = [];

beforeAll(async () => {
  const storage = await takeStorageAccount();
  proxy = await startStorageProxy(storage);
  dataDir = await mkdtemp(join(tmpdir(), 'killed-renditions-'));
  scratch = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient('scratch');
  start = () =>
    startFunctionApp({
      connectionString: storage.connectionString,
      appConnectionString: proxy.connectionStringOf(storage.account),
      dataDir,
      ...(!isReal && { settings: SOON, timings: { messageVisibilitySeconds: 2 } }),
    });
  photo = await madePhoto(400, 300);
  app = await start();
});
afterAll(async () => {
  await app?.stop();
  await proxy?.stop();
  await rm(dataDir, { recursive: true });
});

async function scratchFiles(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of scratch.listBlobsFlat()) names.push(name);
  return names;
}

/** Asked as a client does, so that recovery by a poll has its chance. */
const succeeded = (job: StartedJob) =>
  eventually(
    async () => {
      const { status } = documentOf(await ask(app, 'GET', job.monitor));
      if (status === 'Succeeded') return true;
      throw new Error(`The job is still ${status}.`);
    },
    { timeoutMs: RESUMED_WITHIN_MS, intervalMs: 100 },
  );

test.each([
  ...Object.entries(phases).map(([phase, on]) => [phase, on, false] as const),
  ['publish, its answer lost', phases.publish ?? (() => false), true] as const,
])(
  'killed at %s',
  async (phase, on, answered) => {
    const held = holdAt(proxy, on, refs, { answered });
    const job = await startRenditions(app, photo, 'widths=16,32,64&formats=webp,png');
    await held.reached;
    await app.stop();
    held.letGo('dead');
    refs.push(job.ref);
    app = await start();
    const restartedMs = performance.now();
    // The next host has another port.
    const moved = { ...job, location: `/api/jobs/${job.id}`, monitor: `/api/jobs/${job.id}/status` };
    await succeeded(moved);
    const seconds = (performance.now() - restartedMs) / 1000;
    if (isReal) console.log(`killed at ${phase}: succeeded ${seconds.toFixed(1)} s after the restart`);
    expect((await readRenditions(app, moved)).files).toHaveLength(6);
    await eventually(async () => expect(await scratchFiles()).toEqual([]) === undefined, {
      timeoutMs: RESUMED_WITHIN_MS,
    });
  },
  RESUMED_WITHIN_MS * 2 + 20_000,
);

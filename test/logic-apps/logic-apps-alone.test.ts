/** The pattern by workflows and storage alone: submit, worker and status, by the interpreter, against Azurite. */
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { emulatorAccount } from '../../dev/azurite.ts';
import { emulatedIdentity } from '../../dev/logic-apps/emulated-identity.ts';
import { type Identity, runHttpAction } from '../../dev/logic-apps/http-action.ts';
import { pollTrigger } from '../../dev/logic-apps/poll-trigger.ts';
import { readDefinition } from '../../dev/logic-apps/read-definition.ts';
import { startTestAzurite, type TestAzurite } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { call, clock, definitionFiles, post, workflow } from './workflows.ts';

const identity = emulatedIdentity(emulatorAccount);
const worker = readDefinition(definitionFiles.worker);
const UNKNOWN_JOB = '00000000-0000-4000-8000-000000000000';

let azurite: TestAzurite;
let container: ContainerClient;
let queue: QueueClient;
let statusUrl: string;
let submitUrl: string;

beforeAll(async () => {
  azurite = await startTestAzurite();
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
    'logic-apps-jobs',
  );
  queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(
    'logic-apps-requests',
  );
  await Promise.all([container.create(), queue.create()]);
  const storage = { containerUrl: container.url, queueUrl: queue.url };
  statusUrl = (await workflow(definitionFiles.status, storage, identity)).callbackUrl;
  submitUrl = (await workflow(definitionFiles.submit, { ...storage, statusUrl }, identity)).callbackUrl;
});
afterAll(() => azurite.stop());
beforeEach(() => queue.clearMessages());

/** One poll of the worker's trigger, and the run that it starts. */
const poll = (by: Identity = identity) =>
  pollTrigger({
    definition: worker,
    parameters: { containerUrl: container.url, queueUrl: queue.url },
    clock,
    identity: by,
  });

async function submit(body: unknown = { text: 'to be or not' }): Promise<{ id: string; location: string }> {
  const answer = await post(submitUrl, body);
  expect(answer.status).toBe(202);
  const { id, location } = answer.json() as { id: string; location: string };
  expect(answer.headers.get('location')).toBe(location);
  expect(answer.headers.get('retry-after')).toBe('5');
  return { id, location };
}

const queued = async () => (await queue.getProperties()).approximateMessagesCount;

test('submit, poll, work, reply: 202 until there is one, then 200 with it', async () => {
  const { id, location } = await submit();
  const pending = await call(location);
  expect(pending.status).toBe(202);
  expect(pending.headers.get('location')).toBe(location);
  expect(pending.headers.get('retry-after')).toBe('5');
  expect(pending.json()).toEqual({ id, status: 'NotStarted', location });

  expect(await poll()).toBe('Succeeded');
  const done = await call(location);
  expect(done.status).toBe(200);
  expect(done.headers.get('content-type')).toBe('application/json');
  expect(done.json()).toEqual({ id, words: 4, characters: 12 });
  expect(await queued()).toBe(0);
});

test('a client that knows the pattern and nothing else gets the reply', async () => {
  const asked = runHttpAction(
    { limit: { timeout: 'PT5M' } },
    undefined,
    { method: 'POST', url: submitUrl, headers: {}, body: { text: 'one' }, audience: undefined },
    { clock, identity },
  );
  await eventually(async () => (await queued()) === 1);
  expect(await poll()).toBe('Succeeded');
  expect(await asked).toMatchObject({ status: 'Succeeded', outputs: { body: { words: 1, characters: 3 } } });
});

test('the worker does not run for an empty queue', async () => {
  expect(await poll()).toBeUndefined();
});

test('one run takes every message that is there', async () => {
  const jobs = [await submit(), await submit(), await submit()];
  expect(await poll()).toBe('Succeeded');
  for (const { location } of jobs) expect((await call(location)).status).toBe(200);
});

test('work that fails: 422, and its message is done with', async () => {
  const { location } = await submit({ words: 'none of what the work wants' });
  expect(await poll()).toBe('Succeeded');
  const answer = await call(location);
  expect(answer.status).toBe(422);
  expect(answer.json()).toMatchObject({ status: 422, title: 'The work on this request failed' });
  expect(await queued()).toBe(0);
});

test.each([UNKNOWN_JOB, '', '..%2Fjobs%2Fother', '%3Fcomp%3Dlist'])(
  'a job that is none (%s): 404',
  async (id) => {
    expect((await call(`${statusUrl}&job=${id}`)).status).toBe(404);
  },
);

test('no job named at all: 404', async () => {
  expect((await call(statusUrl)).status).toBe(404);
});

test('without the signature nothing is told', async () => {
  const { location } = await submit();
  expect((await call(location.replace(/sig=[^&]+/, 'sig=guessed'))).status).toBe(401);
});

test('a job deleted before its turn: its message goes, nothing else happens', async () => {
  const { id, location } = await submit();
  await container.deleteBlob(id);
  expect(await poll()).toBe('Succeeded');
  expect(await queued()).toBe(0);
  expect((await call(location)).status).toBe(404);
});

test('a request whose message cannot be put is refused and leaves no blob', async () => {
  const noQueue = await workflow(
    definitionFiles.submit,
    { containerUrl: container.url, queueUrl: `${queue.url}-gone`, statusUrl },
    identity,
  );
  const before = await blobNames();
  const answer = await post(noQueue.callbackUrl, { text: 'lost' });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('10');
  expect(await blobNames()).toEqual(before);
});

test('overtaken by another worker: refused, the first reply stays; the message comes back and goes', async () => {
  const { id, location } = await submit();
  const requests: string[] = [];
  const overtaken: Identity = async (url, audience) => {
    if (url.pathname.endsWith(id)) requests.push(url.pathname);
    // The first is this worker's read, the second its publication.
    if (requests.length === 2) await publish(id, { from: 'the other' });
    return await identity(url, audience);
  };
  expect(await poll(overtaken)).toBe('Failed');
  expect((await call(location)).json()).toEqual({ from: 'the other' });
  expect(await queued()).toBe(1);

  await azurite.advance(900);
  expect(await poll()).toBe('Succeeded');
  expect((await call(location)).json()).toEqual({ from: 'the other' });
  expect(await queued()).toBe(0);
});

test('storage that does not answer the worker: the message comes back', async () => {
  const { id, location } = await submit();
  const cutOff: Identity = async (url, audience) => {
    if (url.pathname.endsWith(id)) return new URL('http://127.0.0.1:9/');
    return await identity(url, audience);
  };
  const run = poll(cutOff);
  await advanceUntil(run, 60);
  await run;
  expect((await call(location)).status).toBe(202);
  expect(await queued()).toBe(1);

  await azurite.advance(900);
  expect(await poll()).toBe('Succeeded');
  expect((await call(location)).status).toBe(200);
});

async function publish(id: string, reply: unknown): Promise<void> {
  const text = JSON.stringify(reply);
  await container.getBlockBlobClient(id).upload(text, text.length, {
    metadata: { state: 'Succeeded' },
    blobHTTPHeaders: { blobContentType: 'application/json' },
  });
}

/** Lets a run's waits pass, however many there are. */
async function advanceUntil(run: Promise<unknown>, seconds: number): Promise<void> {
  let hasEnded = false;
  void run.finally(() => {
    hasEnded = true;
  });
  await eventually(() => {
    clock.advance(seconds);
    return hasEnded;
  });
}

async function blobNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) names.push(name);
  return names;
}

/** `Idempotency-Key` beside what is stored: one execution, nothing left of a refused start, whose the keys are. */
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startFunctionApp, useFunctionApp } from '../support/function-app.ts';
import { takeStorageAccount } from '../support/storage-account.ts';
import { type Answer, JSON_TYPE, post, problemOf, startedBy, untilEnded } from './api.ts';

const start = (app: FunctionApp, key: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  post(app, 'delay', body, { ...JSON_TYPE, ...headers, 'idempotency-key': key });
const startCsv = (app: FunctionApp, key: string, body: string | Buffer) =>
  post(app, 'csv-profile', body, { 'content-type': 'text/csv', 'idempotency-key': key });

async function blobsOf({ jobs }: FunctionApp): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of jobs.listBlobsFlat({ includeUncommitedBlobs: true })) names.push(name);
  return names;
}

/** Rows that make a request of two blocks. */
const rows = (last: string) => Buffer.from(`number\n${'12345678\n'.repeat(600_000)}${last}\n`);

describe('one app', () => {
  let connectionString: string;
  let app: FunctionApp;
  beforeAll(async () => {
    ({ connectionString } = await takeStorageAccount());
    app = await startFunctionApp({ connectionString });
  });
  afterAll(() => app.stop());

  const executionsOf = (answer: Answer) =>
    app.lines.filter((line) => line.startsWith('attempt started') && line.includes(startedBy(answer).ref));
  const messages = async () => {
    const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient('job-requests');
    return (await queue.getProperties()).approximateMessagesCount;
  };

  test('a refused start leaves no blob, no staged block and no message', async () => {
    const long = startedBy(await startCsv(app, 'refused', rows('1')));
    await untilEnded(app, long);
    const short = startedBy(await start(app, 'refused too', '{"seconds":0}'));
    await untilEnded(app, short);
    const before = await blobsOf(app);
    await eventually(async () => (await messages()) === 0);
    problemOf(await startCsv(app, 'refused', rows('2')), 422, 'idempotency-key-reused');
    problemOf(await start(app, 'refused too', '{"seconds":0,"steps":2}'), 422, 'idempotency-key-reused');
    expect(await blobsOf(app)).toEqual(before);
    expect(await messages()).toBe(0);
    for (const { ref } of [long, short]) {
      const { uncommittedBlocks = [] } = await app.jobs.getBlockBlobClient(ref).getBlockList('uncommitted');
      expect(uncommittedBlocks).toEqual([]);
    }
  }, 60_000);

  test('twelve starts at once are executed once', async () => {
    const before = await blobsOf(app);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => start(app, 'twelve', '{"seconds":1.5}')),
    );
    const [answer] = answers;
    if (answer === undefined) throw new Error('nothing was started');
    await untilEnded(app, startedBy(answer));
    expect(new Set(answers.map((each) => startedBy(each).id)).size).toBe(1);
    expect(executionsOf(answer)).toHaveLength(1);
    expect((await blobsOf(app)).filter((name) => !before.includes(name))).toEqual([startedBy(answer).ref]);
  });

  test('so are twelve of several blocks', async () => {
    const body = rows('1');
    const answers = await Promise.all(Array.from({ length: 12 }, () => startCsv(app, 'blocks', body)));
    const [answer] = answers;
    if (answer === undefined) throw new Error('nothing was started');
    expect(await untilEnded(app, startedBy(answer))).toMatchObject({ status: 'Succeeded' });
    expect(new Set(answers.map((each) => startedBy(each).id)).size).toBe(1);
    expect(executionsOf(answer)).toHaveLength(1);
  }, 60_000);

  test('neither key nor id gets into the log, nor the key into storage', async () => {
    const key = 'a-key-that-nobody-else-uses';
    const answer = await start(app, key, '{"seconds":0}');
    const job = startedBy(answer);
    await untilEnded(app, job);
    await start(app, key, '{"seconds":0}');
    expect(app.lines.filter((line) => line.includes(key) || line.includes(job.id))).toEqual([]);
    const { metadata } = await app.jobs.getBlobClient(job.ref).getProperties();
    expect(JSON.stringify(metadata)).not.toContain(key);
  });

  test('every instance of the app, and the next start of it, makes the same job of a key', async () => {
    const other = await startFunctionApp({ connectionString });
    try {
      const [first, second] = await Promise.all([
        start(app, 'shared', '{"seconds":0}'),
        start(other, 'shared', '{"seconds":0}'),
      ]);
      expect(startedBy(first).id).toBe(startedBy(second).id);
    } finally {
      await other.stop();
    }
  });
});

describe('under App Service authentication', () => {
  const app = useFunctionApp({ settings: { WEBSITE_AUTH_ENABLED: 'true' } });
  const as = (principal: string) => ({
    'x-ms-client-principal-id': `principal-${principal}`,
    'x-ms-client-principal-idp': 'aad',
  });

  test('a key belongs to its owner', async () => {
    const ada = startedBy(await start(app(), 'mine', '{"seconds":0}', as('ada')));
    const bob = startedBy(await start(app(), 'mine', '{"seconds":0,"steps":2}', as('bob')));
    expect(bob.id).not.toBe(ada.id);
    expect(bob.ref).not.toBe(ada.ref);
    problemOf(await start(app(), 'mine', '{"seconds":0}', as('bob')), 422, 'idempotency-key-reused');
    expect(startedBy(await start(app(), 'mine', '{"seconds":0}', as('ada'))).id).toBe(ada.id);
  });
});

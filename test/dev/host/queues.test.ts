/** Queue triggers on real Azurite: what a handler gets, when it is tried again, and where a message ends. */
import { QueueServiceClient } from '@azure/storage-queue';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LocalHostOptions } from '../../../dev/host/local-host.ts';
import { eventually } from '../../support/eventually.ts';
import { takeStorageAccount } from '../../support/storage-account.ts';
import { type ToyHost, useToyHosts } from './toy-hosts.ts';

const startToyHost = useToyHosts();
let service: QueueServiceClient;
let connectionString: string;

beforeEach(async () => {
  ({ connectionString } = await takeStorageAccount());
  service = QueueServiceClient.fromConnectionString(connectionString);
});

type QueueSettings = Record<string, unknown>;

async function startQueueHost(
  queues: QueueSettings = {},
  options: Partial<LocalHostOptions> = {},
): Promise<ToyHost> {
  return await startToyHost({
    hostJson: { version: '2.0', extensions: { queues } },
    ...options,
    settings: { AzureWebJobsWork: connectionString, NO_QUEUE: '', ...options.settings },
  });
}

async function putText(text: string, queueName = 'work'): Promise<void> {
  const queue = service.getQueueClient(queueName);
  await queue.createIfNotExists();
  await queue.sendMessage(text);
}
const put = (value: unknown) => putText(Buffer.from(JSON.stringify(value)).toString('base64'));

/** Messages of a queue, visible or not; 0 where there is no queue. */
async function countOf(queueName: string): Promise<number> {
  const properties = await service
    .getQueueClient(queueName)
    .getProperties()
    .catch(() => undefined);
  return properties?.approximateMessagesCount ?? 0;
}

async function poisonMessages(
  queueName = 'work',
): Promise<{ text: string; expiresOn: Date; dequeueCount: number }[]> {
  const queue = service.getQueueClient(`${queueName}-poison`);
  const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText, expiresOn, dequeueCount }) => ({
    text: messageText,
    expiresOn,
    dequeueCount,
  }));
}

/** What the toy's handler was given, in order. */
function received(toy: ToyHost): { message: unknown; triggerMetadata: Record<string, unknown> }[] {
  return toy.lines.flatMap((line) =>
    line.startsWith('message ') ? [JSON.parse(line.slice('message '.length))] : [],
  );
}

describe('what the handler gets', () => {
  test('JSON is parsed, other text stays text, and the message is deleted', async () => {
    const texts = ['{"a":1}', '[1]', '42', 'null', '"hi"', 'plain', ''];
    for (const text of texts) await putText(Buffer.from(text).toString('base64'));
    const toy = await startQueueHost();
    await toy.logged(/^Executed .*Succeeded/, texts.length);
    const messages = received(toy).map(({ message }) => message);
    expect(messages).toHaveLength(7);
    expect(messages).toEqual(expect.arrayContaining([{ a: 1 }, [1], 42, null, 'hi', 'plain', '']));
    await eventually(async () => (await countOf('work')) === 0);
  });

  test('trigger metadata has its types, and keys of the message take the place of the built-in ones', async () => {
    await put({ id: 'mine', DequeueCount: 'x', n: 5 });
    const toy = await startQueueHost();
    await toy.logged(/^Executed/);
    const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    const triggerMetadata = received(toy)[0]?.triggerMetadata ?? {};
    expect(triggerMetadata).toEqual({
      queueTrigger: { id: 'mine', dequeueCount: 'x', n: 5 },
      id: 'mine',
      dequeueCount: 'x',
      n: 5,
      popReceipt: expect.any(String),
      insertionTime: iso,
      expirationTime: iso,
      nextVisibleTime: iso,
    });
    const inTenMinutes = Date.parse(String(triggerMetadata.nextVisibleTime)) - Date.now();
    expect(inTenMinutes / 60_000).toBeCloseTo(10, 0);
  });

  test('messageEncoding none takes the text as it is', async () => {
    await putText('{"a":"ä"}');
    const toy = await startQueueHost({ messageEncoding: 'none' });
    await toy.logged(/^Executed .*Succeeded/);
    expect(received(toy)[0]?.message).toEqual({ a: 'ä' });
  });

  test('says in the log which queue the message came from', async () => {
    await put(1);
    const { logged } = await startQueueHost();
    await logged(
      /^Executing 'Functions.work' \(Reason='New queue message detected on 'work'.', Id=[0-9a-f-]{36}\)$/,
    );
  });
});

describe('a message whose handler throws', () => {
  test('is tried again at once, then copied to the poison queue and deleted', async () => {
    await put({ throw: true });
    const toy = await startQueueHost();
    const startedAt = performance.now();
    await toy.logged(/^Message has reached MaxDequeueCount of 5. Moving message to queue 'work-poison'.$/);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await eventually(async () => (await countOf('work')) === 0);
    expect(received(toy).map(({ triggerMetadata }) => triggerMetadata.dequeueCount)).toEqual([1, 2, 3, 4, 5]);
    const [poison] = await poisonMessages();
    expect(poison).toMatchObject({ dequeueCount: 0, text: Buffer.from('{"throw":true}').toString('base64') });
    expect(((poison?.expiresOn.getTime() ?? 0) - Date.now()) / 86_400_000).toBeCloseTo(7, 1);
  });

  test('waits for visibilityTimeout before it is tried again', async () => {
    await put({ throw: true });
    const toy = await startQueueHost({ visibilityTimeout: '00:00:02', maxDequeueCount: 2 });
    await toy.logged(/^message/);
    const firstAt = performance.now();
    await toy.logged(/^message/, 2);
    expect(performance.now() - firstAt).toBeGreaterThan(1_500);
    await eventually(async () => (await poisonMessages()).length === 1);
  });

  test('in a poison queue is left there, invisible: a poison queue has none of its own', async () => {
    await putText(Buffer.from('{"throw":true}').toString('base64'), 'work-poison');
    const toy = await startQueueHost({ maxDequeueCount: 1 }, { settings: { WORK_QUEUE: 'work-poison' } });
    await toy.logged(/^Executed .*Failed/);
    expect(await countOf('work-poison')).toBe(1);
    expect(await poisonMessages('work-poison').catch((error) => error.statusCode)).toBe(404);
    expect(await poisonMessages()).toEqual([]);
  });
});

describe('a message that cannot be read', () => {
  test('goes to the poison queue as it is when it is not base64, without its handler', async () => {
    await putText('not base64!');
    const toy = await startQueueHost();
    await eventually(async () => (await poisonMessages()).length === 1);
    expect((await poisonMessages())[0]?.text).toBe('not base64!');
    await eventually(async () => (await countOf('work')) === 0);
    expect(received(toy)).toEqual([]);
  });

  test('fails as often as any other when its bytes are not UTF-8, without its handler', async () => {
    await putText(Buffer.from([0xff, 0xfe, 0xff]).toString('base64'));
    const toy = await startQueueHost();
    await toy.logged(/is not UTF-8/, 5);
    await eventually(async () => (await poisonMessages()).length === 1);
    expect(received(toy)).toEqual([]);
  });
});

describe('how many at once', () => {
  test('batchSize plus newBatchThreshold', async () => {
    // Half of the first batch ends early, so that the second is taken beside the other half.
    for (const waitMs of [300, 300, 1_000, 1_000, 300, 300, 300, 300]) await put({ waitMs });
    const toy = await startQueueHost({ batchSize: 4, newBatchThreshold: 2 });
    await toy.logged(/^Executed .*Succeeded/, 8);
    let inWork = 0;
    const counts = toy.lines.map((line) => {
      if (line.startsWith('Executing')) inWork += 1;
      if (line.startsWith('Executed')) inWork -= 1;
      return inWork;
    });
    expect(Math.max(...counts)).toBe(6);
  });

  test('with a threshold of 0 the next batch waits for the whole one before', async () => {
    await put({ waitMs: 1_000 });
    for (let index = 0; index < 5; index++) await put({ waitMs: 1 });
    const toy = await startQueueHost({ batchSize: 2, newBatchThreshold: 0 });
    await toy.logged(/^Executed/, 6);
    const long = toy.lines.findIndex((line) => line.startsWith('done {"waitMs":1000}'));
    expect(toy.lines.slice(0, long).filter((line) => line.startsWith('done'))).toHaveLength(1);
  });
});

describe('a queue and its storage', () => {
  test('a queue that is not there is waited for, and not made', async () => {
    const toy = await startQueueHost({ maxPollingInterval: '00:00:00.2' });
    await expect(service.getQueueClient('work').getProperties()).rejects.toMatchObject({ statusCode: 404 });
    await put(1);
    await toy.logged(/^done 1/);
  });

  test('storage out of reach for too long ends the host with code 1', async () => {
    const nowhere = connectionString.replace(/127.0.0.1:\d+/g, '127.0.0.1:9');
    const toy = await startQueueHost(
      {},
      {
        settings: { AzureWebJobsWork: nowhere },
        timings: { storageOutageLimitMs: 1 },
      },
    );
    const { code, reason } = await toy.host.exited;
    expect(code).toBe(1);
    expect(reason).toMatch(/^An unhandled exception has occurred. Host is shutting down. .*ECONNREFUSED/);
  }, 40_000);

  test('a connection that is not set stops the start', async () => {
    await expect(startQueueHost({}, { settings: { AzureWebJobsWork: '', Work: '' } })).rejects.toThrow(
      "The connection 'Work' is not set: set Work to a storage connection string, or Work__accountName or Work__queueServiceUri.",
    );
    await expect(startQueueHost({}, { settings: { AzureWebJobsWork: 'nonsense' } })).rejects.toThrow(
      /^AzureWebJobsWork is not a storage connection string/,
    );
  });
});

describe('visibility', () => {
  test('is renewed while the handler runs, so that the message is not taken twice', async () => {
    await put({ waitMs: 4_000 });
    const toy = await startQueueHost({}, { timings: { messageVisibilitySeconds: 2 } });
    await toy.logged(/^Executed .*Succeeded/);
    await eventually(async () => (await countOf('work')) === 0);
    expect(received(toy)).toHaveLength(1);
  }, 15_000);

  test('runs out after a kill, and the message comes back with its next dequeueCount', async () => {
    await put({ waitMs: 60_000 });
    const first = await startQueueHost({}, { timings: { messageVisibilitySeconds: 2 } });
    await first.logged(/^message/);
    await first.host.kill();
    const second = await startQueueHost({}, { timings: { messageVisibilitySeconds: 2 } });
    await second.logged(/^message/);
    expect(received(second)[0]?.triggerMetadata.dequeueCount).toBe(2);
  }, 15_000);
});

test('POST /admin/functions/{name} starts a queue function by hand', async () => {
  const toy = await startQueueHost();
  const post = (name: string, type = 'application/json') =>
    fetch(`${toy.host.url}/admin/functions/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: JSON.stringify({ input: '{"by":"hand"}' }),
    });
  expect((await post('work')).status).toBe(202);
  expect((await post('unknown')).status).toBe(404);
  expect((await post('work', 'text/plain')).status).toBe(415);
  await toy.logged(/^Executed .*Succeeded/);
  expect(received(toy)).toEqual([
    { message: { by: 'hand' }, triggerMetadata: { queueTrigger: { by: 'hand' }, dequeueCount: 0 } },
  ]);
});

/** How long storage is waited for, and for whom: by real calls through a proxy that refuses, cuts and says nothing. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { type StorageProxy, startStorageProxy } from '../../dev/storage-proxy.ts';
import { type Patience, type StorageClients, storageClients } from '../../src/storage/clients.ts';
import { takeStorageAccount } from '../support/storage-account.ts';

/** Tries of a call that is refused or cut. */
const TRIES = 3;

let proxy: StorageProxy;
let connectionString: string;

beforeAll(async () => {
  const storage = await takeStorageAccount();
  proxy = await startStorageProxy(storage);
  connectionString = proxy.connectionStringOf(storage.account);
});
beforeEach(() => proxy.reset());
afterEach(() => released.resolve());
afterAll(() => proxy.stop());

const clientsFor = (patience: Patience) =>
  storageClients({ kind: 'connection-string', name: 'JobStorage', connectionString }, patience);
const ask = ({ blobs }: StorageClients) => blobs.getContainerClient('none').exists();
const askQueues = ({ queues }: StorageClients) => queues.getQueueClient('none').exists();
/** Milliseconds until a call has failed. */
async function failed(call: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await expect(call).rejects.toThrow();
  return performance.now() - began;
}

let released: PromiseWithResolvers<void>;
beforeEach(() => {
  released = Promise.withResolvers();
});
/** Storage takes calls and says nothing until the test's end. */
const fallSilent = () =>
  proxy.intercept({ on: () => true, before: () => released.promise, times: Number.POSITIVE_INFINITY });
const refuse = () => proxy.intercept({ on: () => true, fault: 'refuse', times: Number.POSITIVE_INFINITY });

test('silent storage: callers are told after 3 s and one try, in which work still waits', async () => {
  const [callers, work] = [clientsFor('callers'), clientsFor('work')];
  fallSilent();
  const patient = ask(work);
  expect(await failed(ask(callers))).toBeLessThan(6000);
  expect(proxy.calls).toHaveLength(2);
  released.resolve();
  expect(await patient).toBe(false);
});

test('a body is given the time that it takes to send', async () => {
  const { blobs } = clientsFor('callers');
  const container = blobs.getContainerClient('bodies');
  await container.create();
  const delayed = proxy.intercept({
    on: 'Put Blob',
    before: () => new Promise((resolve) => setTimeout(resolve, 3500)),
  });
  await container.getBlockBlobClient('body').upload(Buffer.alloc(1024 * 1024), 1024 * 1024);
  await delayed.met;
});

test('storage that refuses five calls is not asked by callers any more; work keeps asking', async () => {
  const [callers, work] = [clientsFor('callers'), clientsFor('work')];
  const outage = refuse();
  await Promise.all(Array.from({ length: 5 }, () => failed(ask(callers))));
  await Promise.all(Array.from({ length: 6 }, () => failed(ask(work))));
  expect(proxy.calls).toHaveLength(11 * TRIES);
  expect(await failed(ask(callers))).toBeLessThan(500);
  expect(proxy.calls).toHaveLength(11 * TRIES);
  // The other service has a circuit of its own.
  await Promise.all(Array.from({ length: 5 }, () => failed(askQueues(callers))));
  expect(proxy.calls).toHaveLength(16 * TRIES);
  expect(await failed(askQueues(callers))).toBeLessThan(500);
  expect(proxy.calls).toHaveLength(16 * TRIES);
  outage.remove();
});

test('it is asked again within seconds of its return, and what it refuses for good keeps no circuit open', async () => {
  const callers = clientsFor('callers');
  const outage = proxy.intercept({ on: () => true, fault: 'reset', times: Number.POSITIVE_INFINITY });
  await Promise.all(Array.from({ length: 5 }, () => failed(ask(callers))));
  outage.remove();
  const began = performance.now();
  while ((await ask(callers).catch(() => 'not asked')) === 'not asked') {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(performance.now() - began).toBeLessThan(4000);
  for (let i = 0; i < 10; i += 1) {
    await expect(callers.blobs.getContainerClient('none').getProperties()).rejects.toMatchObject({
      statusCode: 404,
    });
  }
  expect(await ask(callers)).toBe(false);
});

test('storage is asked for no time-out of its own, whichever clients were made before', async () => {
  clientsFor('callers');
  const work = clientsFor('work');
  await Promise.all([ask(work), askQueues(work)]);
  expect(proxy.calls).toHaveLength(2);
  for (const { path } of proxy.calls) expect(path).not.toMatch(/[?&]timeout=/);
});

test.each([
  ['callers', 8000],
  ['work', 30_000],
] as const)('%s wait %i ms for a token, and ask for one however many want it', async (patience, withinMs) => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date', 'performance'] });
  try {
    let asked = 0;
    const getToken = () => {
      asked += 1;
      return new Promise<never>(() => undefined);
    };
    const clients = storageClients(
      {
        kind: 'identity',
        name: 'JobStorage',
        blobServiceUri: 'https://account.blob.core.windows.net',
        queueServiceUri: 'https://account.queue.core.windows.net',
        clientId: undefined,
        isManagedIdentity: true,
      },
      patience,
      { getToken },
    );
    let error: unknown;
    const failing = Promise.all([ask(clients), ask(clients)]).catch((thrown) => {
      error = thrown;
    });
    await jest.advanceTimersByTimeAsync(withinMs - 1);
    expect(error).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    await failing;
    expect(error).toMatchObject({ message: `no token within ${withinMs} ms` });
    expect(asked).toBe(1);
  } finally {
    jest.useRealTimers();
  }
});

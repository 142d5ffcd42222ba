import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Writable } from 'node:stream';
import {
  type BlobClient,
  type BlobItem,
  BlobSASPermissions,
  BlobServiceClient,
  type ContainerClient,
} from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type StorageAnswer, type StorageProxy, startStorageProxy } from '../../dev/storage-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { takeStorageAccount } from '../support/storage-account.ts';

let proxy: StorageProxy;
let observed: StorageAnswer[] = [];
let container: ContainerClient;
let queue: QueueClient;
/** The same container, not through the proxy. */
let direct: ContainerClient;

const retryOptions = { maxTries: 1 };

beforeAll(async () => {
  const storage = await takeStorageAccount();
  proxy = await startStorageProxy(storage, (answer) => observed.push(answer));
  const throughProxy = proxy.connectionStringOf(storage.account);
  container = BlobServiceClient.fromConnectionString(throughProxy, { retryOptions }).getContainerClient(
    'jobs',
  );
  queue = QueueServiceClient.fromConnectionString(throughProxy, { retryOptions }).getQueueClient('requests');
  direct = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient('jobs');
  await direct.create();
  await queue.create();
});

afterAll(() => proxy.stop());

beforeEach(() => {
  proxy.reset();
  observed = [];
});

const operations = () => proxy.calls.map(({ operation }) => operation);

describe('counts each call under its documented name', () => {
  test('of a blob', async () => {
    const blob = container.getBlockBlobClient('counted/with/slashes');
    await blob.upload('request', 7, { conditions: { ifNoneMatch: '*' } });
    const lease = blob.getBlobLeaseClient();
    const { leaseId } = await lease.acquireLease(30);
    const conditions = leaseId === undefined ? {} : { leaseId };
    await lease.renewLease();
    await blob.setMetadata({ attempt: '1' }, { conditions });
    await blob.stageBlock('AAAA', 'reply', 5, { conditions });
    await blob.commitBlockList(['AAAA'], { conditions });
    await lease.releaseLease();
    await lease.acquireLease(30);
    await lease.breakLease(0);
    await blob.getProperties();
    await blob.download();
    await container.listBlobsFlat().next();
    await blob.delete();
    expect(operations()).toEqual([
      'Put Blob',
      'Lease Blob: acquire',
      'Lease Blob: renew',
      'Set Blob Metadata',
      'Put Block',
      'Put Block List',
      'Lease Blob: release',
      'Lease Blob: acquire',
      'Lease Blob: break',
      'Get Blob Properties',
      'Get Blob',
      'List Blobs',
      'Delete Blob',
    ]);
  });

  test('of a queue', async () => {
    const { messageId, popReceipt } = await queue.sendMessage('job');
    const changed = await queue.updateMessage(messageId, popReceipt, 'job', 30);
    await queue.deleteMessage(messageId, changed.popReceipt ?? popReceipt);
    await queue.receiveMessages();
    await queue.peekMessages();
    await queue.getProperties();
    await queue.clearMessages();
    expect(operations()).toEqual([
      'Put Message',
      'Update Message',
      'Delete Message',
      'Get Messages',
      'Peek Messages',
      'Get Queue Metadata',
      'Clear Messages',
    ]);
  });

  test('with what storage answered, and adds them up', async () => {
    await container.getBlockBlobClient('none').exists();
    await container.getBlockBlobClient('tallied').upload('a', 1);
    await container.getBlockBlobClient('tallied').upload('b', 1);
    expect(proxy.calls.map(({ status }) => status)).toEqual([404, 201, 201]);
    expect(proxy.calls[1]?.path).toMatch(/^\/test\d+\/jobs\/tallied$/);
    expect(proxy.tally()).toEqual({ 'Get Blob Properties': 1, 'Put Blob': 2 });
    expect([proxy.count(), proxy.count('Put Blob'), proxy.count('Get Blob')]).toEqual([3, 2, 0]);
  });
});

describe('makes the next such call fail', () => {
  const exists = (name: string) => direct.getBlockBlobClient(name).exists();

  test('refused with 503, storage not asked', async () => {
    proxy.failNext('Put Blob', 'refuse');
    const blob = container.getBlockBlobClient('refused');
    await expect(blob.upload('a', 1)).rejects.toMatchObject({ statusCode: 503, code: 'ServerBusy' });
    expect(await exists('refused')).toBe(false);
    await blob.upload('a', 1);
    expect(proxy.calls.map(({ status }) => status)).toEqual([503, 201]);
  });

  test('cut, storage not asked', async () => {
    proxy.failNext('Put Blob', 'reset');
    await expect(container.getBlockBlobClient('cut').upload('a', 1)).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect(await exists('cut')).toBe(false);
    expect(proxy.calls[0]?.status).toBeUndefined();
  });

  test('done by storage, its answer lost', async () => {
    proxy.failNext('Put Blob', 'lose-answer');
    await expect(container.getBlockBlobClient('lost').upload('a', 1)).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    expect(await exists('lost')).toBe(true);
    expect(proxy.calls[0]?.status).toBe(201);
  });

  test.each([
    ['throttle', 429],
    ['fail', 500],
  ] as const)('%s: refused with %d, storage not asked', async (fault, statusCode) => {
    proxy.failNext('Put Blob', fault);
    await expect(container.getBlockBlobClient(fault).upload('a', 1)).rejects.toMatchObject({ statusCode });
    expect(await exists(fault)).toBe(false);
  });

  test('done by storage, its answer broken off in the middle', async () => {
    const blob = container.getBlockBlobClient('half');
    await blob.upload('0123456789', 10);
    proxy.failNext('Get Blob', 'half-answer');
    const { readableStreamBody } = await (blob as BlobClient).download(0, undefined, { maxRetryRequests: 0 });
    let received = '';
    const read = async () => {
      for await (const chunk of readableStreamBody ?? []) received += chunk.toString();
    };
    await expect(read()).rejects.toThrow();
    expect(received).toBe('01234');
    proxy.failNext('Put Blob', 'half-answer');
    await expect(container.getBlockBlobClient('no body').upload('a', 1)).rejects.toThrow();
    expect(await exists('no body')).toBe(true);
  });

  test('and the observer is told what storage said, which is nothing where it was not asked', async () => {
    proxy.failNext('Put Blob', 'refuse');
    await expect(container.getBlockBlobClient('observed').upload('a', 1)).rejects.toThrow();
    proxy.failNext('Put Blob', 'lose-answer');
    const options = { metadata: { attempt: '1' } };
    await expect(container.getBlockBlobClient('observed').upload('a', 1, options)).rejects.toThrow();
    expect(observed).toMatchObject([
      {
        call: { operation: 'Put Blob' },
        status: 201,
        asked: { 'x-ms-meta-attempt': '1' },
        answered: { etag: expect.any(String) },
      },
    ]);
  });

  test('while other calls pass', async () => {
    proxy.failNext('Put Message', 'refuse');
    await container.getBlockBlobClient('other').upload('a', 1);
    await expect(queue.sendMessage('job')).rejects.toMatchObject({ statusCode: 503 });
  });

  test('as often as it is told, or until removed', async () => {
    const blob = container.getBlockBlobClient('often');
    const refuseAll = proxy.intercept({ on: ({ method }) => method === 'PUT', fault: 'refuse', times: 3 });
    for (let call = 0; call < 2; call += 1) {
      await expect(blob.upload('a', 1)).rejects.toMatchObject({ statusCode: 503 });
    }
    refuseAll.remove();
    await blob.upload('a', 1);
  });
});

test('holds a call until the test lets it go', async () => {
  const blob = container.getBlockBlobClient('held');
  const gate = Promise.withResolvers<void>();
  const held = proxy.intercept({ on: 'Put Blob', before: () => gate.promise });
  const late = blob.upload('late', 4, { conditions: { ifNoneMatch: '*' } });
  await held.met;
  await direct.getBlockBlobClient('held').upload('first', 5);
  gate.resolve();
  await expect(late).rejects.toMatchObject({ statusCode: 409 });
});

test('lets the test act between what storage did and its answer', async () => {
  const seen: (number | undefined)[] = [];
  proxy.intercept({
    on: 'Put Blob',
    after: async ({ status }) => {
      await direct.getBlockBlobClient('between').delete();
      seen.push(status);
    },
  });
  await container.getBlockBlobClient('between').upload('a', 1);
  expect(seen).toEqual([201]);
  expect(await direct.getBlockBlobClient('between').exists()).toBe(false);
});

test('passes on what was sent as it was, and a SAS holds through it', async () => {
  const blob = container.getBlockBlobClient('passed-on');
  await blob.upload('content', 7, { metadata: { camelCase: '1' } });
  const { value } = await direct.listBlobsFlat({ prefix: 'passed-on', includeMetadata: true }).next();
  expect((value as BlobItem).metadata).toEqual({ camelCase: '1' });

  const url = await blob.generateSasUrl({
    permissions: BlobSASPermissions.parse('r'),
    expiresOn: new Date(Date.now() + 60_000),
  });
  expect(await (await fetch(url)).text()).toBe('content');
  expect(proxy.count('Get Blob')).toBe(1);
});

describe('passes bodies on no faster than they are taken', () => {
  const CHUNK = Buffer.alloc(64 * 1024);
  const BODY_BYTES = 256 * 1024 * 1024;
  /** What sockets hold on their way, with much to spare. */
  const BUFFERED_BYTES = 32 * 1024 * 1024;

  /** Writes chunks while the other side takes them, and tells how many bytes went out. */
  function fill(target: Writable): () => number {
    let written = 0;
    const write = () => {
      while (written < BODY_BYTES) {
        written += CHUNK.length;
        if (!target.write(CHUNK)) return;
      }
    };
    target.on('drain', write);
    write();
    return () => written;
  }

  /** Resolves once the count has stood still for a while. */
  async function settled(count: () => number): Promise<number> {
    let last = -1;
    let still = 0;
    return await eventually(
      () => {
        still = count() === last ? still + 1 : 0;
        last = count();
        return still >= 10 && last;
      },
      { intervalMs: 30 },
    );
  }

  async function behindProxy(storage: RequestListener, act: (port: number) => Promise<void>): Promise<void> {
    const server = createServer(storage).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const slow = await startStorageProxy({ blobPort: port, queuePort: port });
    try {
      await act(slow.blobPort);
    } finally {
      await slow.stop();
      server.closeAllConnections();
      server.close();
    }
  }

  test('from storage to a client that has stopped reading', async () => {
    const sent = Promise.withResolvers<() => number>();
    const storage: RequestListener = (_, response) => sent.resolve(fill(response));
    await behindProxy(storage, async (port) => {
      const got = request({ host: '127.0.0.1', port, path: '/account/jobs/reply' }).end();
      // The proxy's end cuts the answer short.
      got.on('error', () => {});
      const [response] = (await once(got, 'response')) as [IncomingMessage];
      response.on('error', () => {});
      expect(await settled(await sent.promise)).toBeLessThan(BUFFERED_BYTES);
    });
  });

  test('from a client to storage that has stopped reading', async () => {
    await behindProxy(
      (incoming) => incoming.pause(),
      async (port) => {
        const put = request({ host: '127.0.0.1', port, path: '/account/jobs/request', method: 'PUT' });
        put.on('error', () => {});
        expect(await settled(fill(put))).toBeLessThan(BUFFERED_BYTES);
      },
    );
  });
});

/** Messages as Queue Storage is given them. On Azurite. */
import type { QueueClient } from '@azure/storage-queue';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { JobQueue } from '../../src/jobs/ports.ts';
import { storageClients } from '../../src/storage/clients.ts';
import { jobQueues } from '../../src/storage/job-queues.ts';
import { queueNameOf } from '../../src/storage/names.ts';
import { storageClock } from '../../src/storage/storage-clock.ts';
import { takeStorageAccount } from '../support/storage-account.ts';

const message = { job: 'A'.repeat(43), attempt: 1 };

let requests: QueueClient;
let queue: JobQueue;
beforeAll(async () => {
  const { connectionString } = await takeStorageAccount();
  const { queues } = storageClients(
    { kind: 'connection-string', name: 'JobStorage', connectionString },
    'work',
  );
  requests = queues.getQueueClient(queueNameOf(undefined));
  await requests.create();
  queue = jobQueues(queues, queueNameOf, storageClock());
});
beforeEach(() => requests.clearMessages());

test('a message outlasts every job that may wait for it', async () => {
  await queue.put(undefined, message, 0);
  const { peekedMessageItems } = await requests.peekMessages();
  const [put] = peekedMessageItems;
  expect(put?.expiresOn.getUTCFullYear()).toBe(9999);
  expect(await queue.peek(undefined)).toEqual({ job: message.job, putAt: put?.insertedOn });
});

test('part of a second is waited for as a whole one, and not as none', async () => {
  await queue.put(undefined, message, 0.2);
  expect(await queue.peek(undefined)).toBe('empty');
  expect(await queue.count(undefined)).toBe(1);
});

test('a message is hidden for as long as storage can, where its job is put off for longer', async () => {
  const { messageId, popReceipt } = await queue.put(undefined, message, 30 * 86_400);
  expect([messageId, popReceipt]).toEqual([expect.any(String), expect.any(String)]);
  expect(await queue.peek(undefined)).toBe('empty');
});

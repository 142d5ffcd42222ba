/** The queue as the jobs use it. */
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { takeStorageAccount } from '../storage-account.ts';

let queue: QueueClient;

beforeAll(async () => {
  const { connectionString } = await takeStorageAccount();
  queue = QueueServiceClient.fromConnectionString(connectionString, {
    retryOptions: { maxTries: 1 },
  }).getQueueClient('requests');
  await queue.create();
});

beforeEach(() => queue.clearMessages());

const forever = { messageTimeToLive: -1 };
const DAY_SECONDS = 86_400;

test('a time-to-live of -1 is for ever', async () => {
  const { expiresOn } = await queue.sendMessage('job', forever);
  expect(expiresOn.getUTCFullYear()).toBe(9999);
});

test('a delay is at most 7 days', async () => {
  await queue.sendMessage('job', { ...forever, visibilityTimeout: 7 * DAY_SECONDS });
  const longer = queue.sendMessage('job', { ...forever, visibilityTimeout: 7 * DAY_SECONDS + 1 });
  await expect(longer).rejects.toMatchObject({ statusCode: 400 });
});

test('a hidden message is counted and not peeked', async () => {
  await queue.sendMessage('hidden', { ...forever, visibilityTimeout: 60 });
  expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);
  expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
});

test('a peek tells when the front of the queue was put, by the clock of storage', async () => {
  const { insertedOn } = await queue.sendMessage('front', forever);
  await queue.sendMessage('behind', forever);
  const { peekedMessageItems, date } = await queue.peekMessages();
  expect(peekedMessageItems).toMatchObject([{ messageText: 'front', insertedOn, dequeueCount: 0 }]);
  expect(date).toBeInstanceOf(Date);
});

test('a message goes to one of those who ask at once', async () => {
  for (let index = 0; index < 20; index += 1) await queue.sendMessage(`job ${index}`, forever);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => queue.receiveMessages({ numberOfMessages: 4 })),
  );
  const ids = answers.flatMap(({ receivedMessageItems }) =>
    receivedMessageItems.map(({ messageId }) => messageId),
  );
  expect(new Set(ids).size).toBe(20);
  expect(ids).toHaveLength(20);
});

test('an update makes the receipt of before it void', async () => {
  await queue.sendMessage('job', forever);
  const [message] = (await queue.receiveMessages()).receivedMessageItems;
  const { messageId = '', popReceipt = '' } = message ?? {};
  const { popReceipt: renewed = '' } = await queue.updateMessage(messageId, popReceipt, undefined, 60);
  await expect(queue.deleteMessage(messageId, popReceipt)).rejects.toMatchObject({ statusCode: 400 });
  await queue.deleteMessage(messageId, renewed);
  await expect(queue.deleteMessage(messageId, renewed)).rejects.toMatchObject({ statusCode: 404 });
});

test('a body is at most 64 KiB', async () => {
  await queue.sendMessage('x'.repeat(65_536), forever);
  await expect(queue.sendMessage('x'.repeat(65_537), forever)).rejects.toMatchObject({ statusCode: 413 });
});

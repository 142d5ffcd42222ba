import { BlobSASPermissions, BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestAzurite, type TestAzurite } from './azurite.ts';

let azurite: TestAzurite;
let container: ContainerClient;
let queue: QueueClient;

beforeAll(async () => {
  azurite = await startTestAzurite();
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('jobs');
  await container.create();
  queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient('requests');
  await queue.create();
});

afterAll(() => azurite.stop());

beforeEach(() => queue.clearMessages());

async function newBlob(name: string) {
  const blob = container.getBlockBlobClient(name);
  await blob.upload('content', 7);
  return blob;
}

/** The clock runs on while the test does. */
const SLACK_MS = 5_000;
const secondsApart = (later: Date | undefined, earlier: Date | undefined) =>
  ((later?.getTime() ?? Number.NaN) - (earlier?.getTime() ?? Number.NaN)) / 1000;

describe('advance moves', () => {
  test('the end of a lease, to the second', async () => {
    const blob = await newBlob('leased');
    await blob.getBlobLeaseClient().acquireLease(30);
    await azurite.advance(25);
    expect((await blob.getProperties()).leaseState).toBe('leased');
    await azurite.advance(6);
    expect((await blob.getProperties()).leaseState).toBe('expired');
  });

  test('the return of a hidden message', async () => {
    await queue.sendMessage('job');
    expect((await queue.receiveMessages({ visibilityTimeout: 30 })).receivedMessageItems).toHaveLength(1);
    expect((await queue.receiveMessages()).receivedMessageItems).toHaveLength(0);
    await azurite.advance(31);
    const [again] = (await queue.receiveMessages()).receivedMessageItems;
    expect(again?.dequeueCount).toBe(2);
  });

  test('the arrival of a delayed message', async () => {
    await queue.sendMessage('later', { visibilityTimeout: 600 });
    expect((await queue.receiveMessages()).receivedMessageItems).toHaveLength(0);
    await azurite.advance(601);
    expect((await queue.receiveMessages()).receivedMessageItems).toHaveLength(1);
  });

  test('the end of a message, and none that lives forever', async () => {
    await queue.sendMessage('week', { messageTimeToLive: 604_800 });
    await queue.sendMessage('forever', { messageTimeToLive: -1 });
    await azurite.advance(604_801);
    const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
    expect(peekedMessageItems.map(({ messageText }) => messageText)).toEqual(['forever']);
  });

  test('Last-Modified and the Date header, on refusals too', async () => {
    const blob = await newBlob('dated');
    const before = await blob.getProperties();
    await azurite.advance(3_600);
    await blob.setMetadata({ attempt: '2' });
    const after = await blob.getProperties();
    expect(secondsApart(after.lastModified, before.lastModified)).toBeGreaterThanOrEqual(3_600);
    expect(secondsApart(after.date, before.date)).toBeGreaterThanOrEqual(3_600);

    const url = `http://127.0.0.1:${azurite.blobPort}/devstoreaccount1/jobs/none`;
    const refused = await fetch(url);
    expect(refused.ok).toBe(false);
    const dateMs = Date.parse(refused.headers.get('date') ?? '');
    expect(Math.abs(dateMs - azurite.now().getTime())).toBeLessThan(SLACK_MS);
  });

  test('the validity of a SAS', async () => {
    const blob = await newBlob('shared');
    const sasUrl = (startsOn: Date) =>
      blob.generateSasUrl({
        permissions: BlobSASPermissions.parse('r'),
        startsOn,
        expiresOn: new Date(startsOn.getTime() + 900_000),
      });
    const early = await sasUrl(azurite.now());
    expect((await fetch(early)).status).toBe(200);
    await azurite.advance(3_600);
    expect((await fetch(early)).status).toBe(403);
    expect((await fetch(await sasUrl(azurite.now()))).status).toBe(200);
    expect((await fetch(await sasUrl(new Date(azurite.now().getTime() + 60_000)))).status).toBe(403);
  });

  test('now() along with the clock of Azurite', async () => {
    await azurite.advance(86_400);
    const { date } = await container.getProperties();
    expect(Math.abs(secondsApart(date, azurite.now()))).toBeLessThan(SLACK_MS / 1000);
  });
});

test('calls signed by the real clock are taken after the clock has moved a year', async () => {
  await azurite.advance(365 * 86_400);
  await newBlob('signed-a-year-ago');
  expect(await container.getBlobClient('signed-a-year-ago').exists()).toBe(true);
});

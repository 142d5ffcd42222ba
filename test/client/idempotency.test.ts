/** A start whose answer was lost is repeated by the client, and there is one job all the same. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient } from '../../src/client/index.ts';
import { type Forwarder, startForwarder } from '../support/forwarder.ts';
import { useFunctionApp } from '../support/function-app.ts';

const app = useFunctionApp();
let front: Forwarder;
let answersToLose = 0;

beforeAll(async () => {
  front = await startForwarder(
    () => Number(new URL(app().url).port),
    () => ({ losesAnswer: answersToLose-- > 0 }),
  );
});
afterAll(() => front.stop());

const client = () => createClient({ baseUrl: front.url });

async function countJobs(): Promise<number> {
  let count = 0;
  for await (const _ of app().jobs.listBlobsFlat()) count++;
  return count;
}

test('two answers lost: three starts, one job', async () => {
  const before = await countJobs();
  const asked = front.seen.length;
  answersToLose = 2;
  const job = await client().submit('delay', { json: { seconds: 0 } });
  expect(front.seen.slice(asked).map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
  expect(await countJobs()).toBe(before + 1);
  expect(await client().wait(job)).toMatchObject({ status: 'Succeeded', attempt: 1 });
});

test('a caller that was restarted finds its job by its own key', async () => {
  const start = (seconds: number) =>
    client().submit('delay', { json: { seconds } }, { idempotencyKey: 'order 17' });
  const [first, again] = [await start(0.1), await start(0.1)];
  expect(again.id).toBe(first.id);
  await expect(start(0.2)).rejects.toMatchObject({ status: 422, code: 'idempotency-key-reused' });
});

test('a delete whose answer was lost', async () => {
  const job = await client().submit('delay', { json: { seconds: 60 } });
  answersToLose = 1;
  await client().delete(job);
  await expect(client().poll(job)).rejects.toMatchObject({ code: 'job-unknown' });
});

import { globSync, readFileSync } from 'node:fs';
import type { QueueServiceClient } from '@azure/storage-queue';
import { describe, expect, test } from '@jest/globals';
import hostJson from '../../host.json' with { type: 'json' };
import { jobQueues } from '../../src/storage/job-queues.ts';

describe('the environment', () => {
  const files = globSync('src/**/*.ts');

  test('is read by config.ts and nowhere else in src', () => {
    const readers = files.filter((file) =>
      /\bprocess\s*\??\.\s*env\b|\bprocess\[|\benv\b.*from 'node:process'/.test(readFileSync(file, 'utf8')),
    );
    expect(readers).toEqual(['src/config.ts']);
  });
});

test('messages are put in the encoding that host.json has the trigger expect', async () => {
  const put: string[] = [];
  const service = {
    getQueueClient: () => ({
      sendMessage: async (text: string) => {
        put.push(text);
        return { date: new Date() };
      },
    }),
  } as unknown as QueueServiceClient;
  const queue = jobQueues(service, () => 'job-requests', { now: () => new Date(), learn: () => {} });
  const message = { job: 'ref-ÄÖ', attempt: 1 };
  await queue.put(undefined, message, 0);

  expect(hostJson.extensions.queues.messageEncoding).toBe('base64');
  const bytes = Buffer.from(put[0] ?? '', 'base64');
  expect(bytes.toString('base64')).toBe(put[0]);
  expect(JSON.parse(bytes.toString('utf8'))).toEqual(message);
});

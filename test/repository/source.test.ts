import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueueServiceClient } from '@azure/storage-queue';
import { describe, expect, test } from '@jest/globals';
import hostJson from '../../host.json' with { type: 'json' };
import packageJson from '../../package.json' with { type: 'json' };
import { jobQueues } from '../../src/storage/job-queues.ts';

describe('the environment', () => {
  const files = globSync('src/**/*.ts');

  test('is read by config.ts and nowhere else in src', () => {
    const readers = files.filter((file) =>
      /\bprocess\s*\??\.\s*env\b|\bprocess\[|\benv\b.*from 'node:process'/.test(readFileSync(file, 'utf8')),
    );
    expect(readers).toEqual([join('src', 'config.ts')]);
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

test('npm scripts run in every shell: none sets a variable or names a Unix program', () => {
  const wrong = Object.values(packageJson.scripts).filter((script) =>
    script
      .split(' && ')
      .some((part) => !/^(node|npm|tsc|biome|depcruise|jest)\b/.test(part) || /[;|$'<>`]/.test(part)),
  );
  expect(wrong).toEqual([]);
});

/** Reads the queue as a test checks it. */
import { text } from 'node:stream/consumers';
import { expect } from '@jest/globals';
import type { Job } from '../../../src/jobs/job.ts';
import type { JobMessage } from '../../../src/jobs/ports.ts';
import type { JobStorage } from './job-storage.ts';

/** Takes the message that is due out of the queue; undefined where none is. */
export async function takeMessage({ requests }: JobStorage): Promise<JobMessage | undefined> {
  const { receivedMessageItems } = await requests.receiveMessages();
  const [item] = receivedMessageItems;
  if (item === undefined) return undefined;
  await requests.deleteMessage(item.messageId, item.popReceipt);
  return JSON.parse(Buffer.from(item.messageText, 'base64').toString('utf8'));
}

/** The queue holds one message, of this job and attempt, due after `seconds` and not much earlier. Takes it; moves time. */
export async function expectOneMessage(
  storage: JobStorage,
  { ref }: Pick<Job, 'ref'>,
  attempt: number,
  seconds: number,
): Promise<void> {
  expect(await storage.countMessages()).toBe(1);
  if (seconds > 0) {
    expect(await takeMessage(storage)).toBeUndefined();
    if (seconds > 5) {
      await storage.advance(seconds - 5);
      expect(await takeMessage(storage)).toBeUndefined();
    }
    await storage.advance(Math.min(5, seconds) + 1);
  }
  expect(await takeMessage(storage)).toEqual({ job: ref, attempt });
}

/** A job's content as it is now, with what the same answer of storage said of it. */
export async function contentOf({ store }: JobStorage, ref: string): Promise<{ job: Job; content: string }> {
  const taken = await store.take(ref);
  if (taken === undefined) throw new Error(`there is no job ${ref}`);
  return { job: taken.job, content: await text(taken.content) };
}

/** Diagnostic: waits, shows progress, and ends as it is told. For tests, demonstrations and for seeing retries happen. */
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { OperationError, operation, type Reply } from './operation.ts';

/** The longest wait, in seconds. */
export const MOST_SECONDS = 1200;
const CHUNK_BYTES = 64 * 1024;

/** What is waited for, and how it ends. */
export const delayRequest = z.strictObject({
  seconds: z
    .number()
    .min(0)
    .max(MOST_SECONDS)
    .meta({ description: 'How long to wait in all', examples: [10] }),
  steps: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .meta({ description: 'Parts to wait in, with progress after each', examples: [20] }),
  outcome: z
    .enum(['succeed', 'reject', 'throw', 'crash'])
    .default('succeed')
    .describe('reject fails the job at once, throw and crash make it try again'),
  succeedOnAttempt: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('Attempts before this one end by the outcome'),
  replyBytes: z
    .int()
    .min(0)
    .max(5_000_000_000)
    .optional()
    .describe('Reply with so many bytes instead of JSON'),
});

export const delay = operation({
  name: 'delay',
  summary: 'Waits and replies; diagnostic.',
  accepts: { 'application/json': delayRequest },
  replies: ['application/json', 'application/octet-stream'],
  timeout: MOST_SECONDS + 60,
  async run({ request: { body }, ref, attempt, signal, progress }) {
    const { seconds, steps } = body;
    for (let step = 1; step <= steps; step++) {
      await wait((seconds * 1000) / steps, undefined, { signal });
      progress((100 * step) / steps, `step ${step} of ${steps}`);
    }
    return endOf(body, ref, attempt);
  },
});

/** Replies, throws or ends the process, as the request wants it of this attempt. */
export function endOf(
  { seconds, outcome, succeedOnAttempt, replyBytes }: z.output<typeof delayRequest>,
  ref: string,
  attempt: number,
): Reply {
  const succeeds = succeedOnAttempt === undefined ? outcome === 'succeed' : attempt >= succeedOnAttempt;
  if (!succeeds && outcome === 'reject') throw new OperationError('The request asked to be rejected.');
  if (!succeeds && outcome === 'throw') throw new Error('the request asked for an error');
  if (!succeeds && outcome === 'crash') process.exit(1);
  if (replyBytes === undefined) return { json: { ref, seconds, attempt } };
  return { stream: bytes(replyBytes), contentType: 'application/octet-stream', fileName: 'delay.bin' };
}

/** So many bytes that repeat 0 to 255, so that a lost or doubled chunk shows. */
async function* bytes(count: number): AsyncGenerator<Uint8Array> {
  const chunk = Uint8Array.from({ length: CHUNK_BYTES }, (_, index) => index % 256);
  for (let sent = 0; sent < count; sent += CHUNK_BYTES) yield chunk.subarray(0, count - sent);
}

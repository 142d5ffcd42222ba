import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { z } from 'zod';
import { delay } from '../../src/operations/delay.ts';
import { OperationError, type Reply, type RunContext } from '../../src/operations/operation.ts';
import { type Run, runOperation } from './support/run-operation.ts';

const request = delay.accepts['application/json'] as z.ZodType;

const run = (body: object, options: Partial<Run> = {}) => runOperation(delay, { body, ...options });

async function bytesOf(reply: Reply): Promise<Buffer> {
  if (!('stream' in reply)) throw new Error('no stream');
  return await buffer(reply.stream);
}

describe('the request', () => {
  test.each([
    { seconds: 0 },
    { seconds: 0.5, steps: 4, outcome: 'crash', succeedOnAttempt: 2, replyBytes: 0 },
  ])('%j is taken', (body) => {
    expect(request.safeParse(body).success).toBe(true);
  });

  test.each([
    {},
    { seconds: -1 },
    { seconds: '1' },
    { seconds: 1201 },
    { seconds: 1, steps: 0 },
    { seconds: 1, outcome: 'explode' },
    { seconds: 1, replyBytes: -1 },
    { seconds: 1, sceonds: 2 },
  ])('%j is refused', (body) => {
    expect(request.safeParse(body).success).toBe(false);
  });
});

test('an attempt may take longer than the longest wait', () => {
  expect(request.safeParse({ seconds: delay.timeoutSeconds }).success).toBe(false);
});

test('it waits as long as it was told, then replies who it was', async () => {
  const startedAt = performance.now();
  expect(await run({ seconds: 0.06, steps: 3 }, { attempt: 4 })).toEqual({
    json: { ref: 'ref', seconds: 0.06, attempt: 4 },
  });
  // Each of the three timers may be up to a millisecond early.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(57);
});

test('it shows progress after each step', async () => {
  const progress = jest.fn<RunContext['progress']>();
  await run({ seconds: 0, steps: 4 }, { progress });
  expect(progress.mock.calls).toEqual([
    [25, 'step 1 of 4'],
    [50, 'step 2 of 4'],
    [75, 'step 3 of 4'],
    [100, 'step 4 of 4'],
  ]);
});

describe('it ends as it was told:', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('reject, by what no retry can mend', async () => {
    const failure = run({ seconds: 0, outcome: 'reject' });
    await expect(failure).rejects.toThrow(OperationError);
    await expect(failure).rejects.toMatchObject({ status: 422 });
  });

  test('throw, by what a retry may mend', async () => {
    const failure = run({ seconds: 0, outcome: 'throw' });
    await expect(failure).rejects.toThrow('the request asked for an error');
    await expect(failure).rejects.not.toThrow(OperationError);
  });

  test('crash, by the end of the process', async () => {
    const ended = new Error('the process would have ended');
    const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
      throw ended;
    });
    await expect(run({ seconds: 0, outcome: 'crash' })).rejects.toBe(ended);
    expect(exit).toHaveBeenCalledWith(1);
  });

  test.each(['reject', 'throw'])('%s until the attempt that succeeds', async (outcome) => {
    const body = { seconds: 0, outcome, succeedOnAttempt: 3 };
    await expect(run(body, { attempt: 2 })).rejects.toThrow();
    expect(await run(body, { attempt: 3 })).toHaveProperty('json.attempt', 3);
    expect(await run(body, { attempt: 4 })).toHaveProperty('json.attempt', 4);
  });
});

test.each([0, 1, 65_535, 65_536, 65_537, 200_000])(
  'it replies %i bytes that repeat 0 to 255',
  async (count) => {
    const reply = await run({ seconds: 0, replyBytes: count });
    expect(reply).toMatchObject({ contentType: 'application/octet-stream', fileName: 'delay.bin' });
    const bytes = await bytesOf(reply);
    expect(bytes).toHaveLength(count);
    expect(bytes.every((byte, index) => byte === index % 256)).toBe(true);
  },
);

describe('an aborted signal ends the wait', () => {
  test('at once', async () => {
    const controller = new AbortController();
    const failure = run({ seconds: 1000 }, { signal: controller.signal });
    controller.abort();
    await expect(failure).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  test('between two steps, with no more progress', async () => {
    const controller = new AbortController();
    const progress = jest.fn<RunContext['progress']>(() => controller.abort());
    await expect(run({ seconds: 0, steps: 5 }, { signal: controller.signal, progress })).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    expect(progress).toHaveBeenCalledTimes(1);
  });
});

/** When the client asks again: never before `Retry-After`, and after a failure with ever longer pauses. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createClient, JobEndedError, ProblemError } from '../../src/client/index.ts';
import {
  connectionRefused,
  documentAnswer,
  JOB_URL,
  problemAnswer,
  type ScriptedFetch,
  scriptedFetch,
} from './scripted-fetch.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

const clientOf = ({ fetch }: ScriptedFetch) => createClient({ baseUrl: 'https://app.example', fetch });

/** Lets time pass until the promise is settled, however long the client sleeps. */
async function inItsTime<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = () => {
    isSettled = true;
  };
  promise.then(settled, settled);
  while (!isSettled) await jest.advanceTimersByTimeAsync(100);
  return promise;
}

const secondsOf = ({ asked }: ScriptedFetch) => asked.map(({ atMs }) => Math.round(atMs / 1000));

describe('Retry-After', () => {
  const script = [
    documentAnswer('NotStarted', 202, { 'retry-after': '7' }),
    documentAnswer('Running', 200, { 'retry-after': '3' }),
    documentAnswer('Running', 200, { 'retry-after': 'Thu, 01 Jan 1970 00:00:20 GMT' }),
    documentAnswer('Succeeded'),
  ];

  test('of the start and of each poll is waited for, in seconds or as a date', async () => {
    const app = scriptedFetch(...script);
    const client = clientOf(app);
    const seen: string[] = [];
    const job = await client.submit('delay', { json: { seconds: 9 } });
    await inItsTime(client.wait(job, { onStatus: ({ status }) => seen.push(status) }));
    expect(secondsOf(app)).toEqual([0, 7, 10, 20]);
    expect(seen).toEqual(['Running', 'Running', 'Succeeded']);
  });

  test('counts from the question where the app was asked to hold it', async () => {
    const hold = (seconds: number, answer: Response) => async () => {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return answer;
    };
    const app = scriptedFetch(
      documentAnswer('NotStarted', 202, { 'retry-after': '7' }),
      hold(20, documentAnswer('Running', 202, { 'retry-after': '5' })),
      // Too many wait already: the answer comes at once, and asking again at once would not help.
      documentAnswer('Running', 202, { 'retry-after': '5' }),
      hold(4, documentAnswer('Succeeded')),
    );
    const client = clientOf(app);
    const job = await client.submit('delay', { json: {} });
    await inItsTime(client.wait(job, { waitSeconds: 20 }));
    expect(secondsOf(app)).toEqual([0, 0, 20, 25]);
    expect(app.asked[1]?.url).toBe(`${JOB_URL}?pending=202&reply=link&wait=20`);
  });

  test.each([429, 503])('of a %d is waited for before the request is repeated', async (status) => {
    const app = scriptedFetch(
      problemAnswer(status, 'storage-unavailable', { 'retry-after': '30' }),
      documentAnswer('Running'),
    );
    await inItsTime(clientOf(app).poll(JOB_URL));
    expect(secondsOf(app)).toEqual([0, 30]);
  });
});

describe('a request is repeated', () => {
  test('after network errors, with the same key, so that one job is started', async () => {
    const app = scriptedFetch(connectionRefused, connectionRefused, documentAnswer('NotStarted', 202));
    await inItsTime(clientOf(app).submit('delay', { json: {} }));
    const keys = app.asked.map(({ headers }) => headers.get('idempotency-key'));
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^"[0-9a-f]{32}"$/);
  });

  test('and each start has a key of its own, or the one it is given', async () => {
    const app = scriptedFetch(documentAnswer('NotStarted', 202));
    const client = clientOf(app);
    await client.submit('delay', { json: {} });
    await client.submit('delay', { json: {} });
    await client.submit('delay', { json: {} }, { idempotencyKey: 'order "17"' });
    const [first, second, third] = app.asked.map(({ headers }) => headers.get('idempotency-key'));
    expect(first).not.toBe(second);
    expect(third).toBe('"order \\"17\\""');
  });

  test('five times at most', async () => {
    const app = scriptedFetch(connectionRefused);
    await expect(inItsTime(clientOf(app).poll(JOB_URL))).rejects.toBe(connectionRefused);
    expect(app.asked).toHaveLength(6);
  });

  test('after an answer that breaks off in the middle', async () => {
    const half = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":'));
        controller.error(new TypeError('terminated'));
      },
    });
    const app = scriptedFetch(() => new Response(half), documentAnswer('Running'));
    expect(await inItsTime(clientOf(app).poll(JOB_URL))).toMatchObject({ status: 'Running' });
  });

  test('not after a 500: a bug or a failed job is not mended by asking again', async () => {
    const app = scriptedFetch(problemAnswer(500, 'internal-error'));
    await expect(clientOf(app).poll(JOB_URL)).rejects.toMatchObject({ status: 500, code: 'internal-error' });
    expect(app.asked).toHaveLength(1);
  });

  test('not with a stream, which has been read', async () => {
    const app = scriptedFetch(connectionRefused);
    const body = new ReadableStream();
    await expect(clientOf(app).submit('csv-profile', { body })).rejects.toBe(connectionRefused);
    expect(app.asked).toHaveLength(1);
  });

  test('a delete whose answer was lost is done when the second finds nothing', async () => {
    const app = scriptedFetch(connectionRefused, problemAnswer(404, 'job-unknown'));
    await inItsTime(clientOf(app).delete(JOB_URL));
    const unknown = scriptedFetch(problemAnswer(404, 'job-unknown'));
    await expect(clientOf(unknown).delete(JOB_URL)).rejects.toMatchObject({ code: 'job-unknown' });
  });
});

describe('an abort', () => {
  test.each(['a pause between polls', 'a pause before a repetition'])('ends %s', async (pause) => {
    const app = scriptedFetch(
      pause === 'a pause between polls'
        ? documentAnswer('Running', 200, { 'retry-after': '3600' })
        : problemAnswer(503, 'storage-unavailable', { 'retry-after': '3600' }),
    );
    const abort = new AbortController();
    const waiting = clientOf(app).wait(JOB_URL, { signal: abort.signal });
    const ended = expect(waiting).rejects.toThrow('enough');
    await jest.advanceTimersByTimeAsync(1000);
    abort.abort(new Error('enough'));
    await ended;
    expect(app.asked).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('the end of a job without a reply', () => {
  test('is an error with the document', async () => {
    const error = { code: 'operation-failed', message: 'The CSV has no header.', status: 422 };
    const app = scriptedFetch(documentAnswer('Failed', 200, {}, { error }));
    const failed = await clientOf(app)
      .wait(JOB_URL)
      .catch((reason: unknown) => reason);
    expect(failed).toBeInstanceOf(JobEndedError);
    expect(failed).toMatchObject({ code: 'operation-failed', message: 'The CSV has no header.' });
  });

  test('is read from the monitor where a held poll answers with its problem', async () => {
    const app = scriptedFetch(problemAnswer(410, 'job-canceled'), documentAnswer('Canceled'));
    const waiting = clientOf(app).wait(JOB_URL, { waitSeconds: 20 });
    await expect(waiting).rejects.toMatchObject({ code: 'job-canceled', job: { status: 'Canceled' } });
    expect(app.asked[1]?.url).toBe(`${JOB_URL}/status`);
  });
});

test('an answer without a problem document, such as a host makes, is an error with its status alone', async () => {
  const app = scriptedFetch(new Response(null, { status: 401 }));
  const error = await clientOf(app)
    .submit('delay', { json: {} })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ status: 401, code: undefined, message: 'The answer was 401.' });
});

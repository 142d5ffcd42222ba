/** When waiters are answered, and what their waiting costs in reads. Time is moved. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { jobUnknown, StorageUnavailable } from '../../src/jobs/errors.ts';
import type { Job } from '../../src/jobs/job.ts';
import { type JobWaits, pauseMs, type WaitingClient, waitForJob } from '../../src/jobs/wait-for-job.ts';
import { jobOf } from '../http/jobs.ts';

const pending = jobOf();
const ended = jobOf({ state: 'Succeeded' });

const warnings: string[] = [];
const log = { info() {}, warn: (line: string) => void warnings.push(line), error() {} };

let reads: string[];
/** What a read answers. */
let stored: (ref: string) => Promise<Job>;
let waits: JobWaits;

beforeEach(() => {
  jest.useFakeTimers();
  warnings.length = 0;
  reads = [];
  stored = async () => pending;
  waits = waitsOf(3);
});

afterEach(() => {
  // A timer that outlives its wait would hold a process back that is to end.
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function waitsOf(maxWaiters: number): JobWaits {
  return waitForJob({
    maxWaiters,
    read: (ref) => {
      reads.push(ref);
      return stored(ref);
    },
  });
}

/** A wait, and after how many milliseconds it was over. */
function waiting(
  seconds: number,
  { client, job = pending, endsHere }: { client?: Client; job?: Job; endsHere?: Promise<void> } = {},
) {
  const began = performance.now();
  const wait = { answer: undefined as Job | undefined, error: undefined as unknown, afterMs: Number.NaN };
  const over = () => {
    wait.afterMs = Math.round(performance.now() - began);
  };
  waits
    .untilEnded(job, seconds, client, log, endsHere)
    .then(
      (answer) => {
        wait.answer = answer;
      },
      (error) => {
        wait.error = error;
      },
    )
    .finally(over);
  return wait;
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

class Client implements WaitingClient {
  isClosed = false;
  readonly listeners = new Set<() => void>();
  onClose(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  leave(): void {
    this.isClosed = true;
    for (const listener of this.listeners) listener();
  }
}

describe('the pause before a job is read again', () => {
  test('begins at 50 ms, is a quarter of the time waited, and ends growing at 750 ms', () => {
    expect([0, 100, 200, 400, 1000, 3000, 30_000].map(pauseMs)).toEqual([50, 50, 50, 100, 250, 750, 750]);
  });

  test.each([
    [0.2, 4, 50],
    [1, 12, 250],
    [5, 19, 750],
    [29, 51, 750],
  ])('an end after %d s costs %d reads and is seen within %d ms', async (seconds, readCount, withinMs) => {
    const endsAtMs = performance.now() + seconds * 1000;
    stored = async () => (performance.now() >= endsAtMs ? ended : pending);
    const wait = waiting(30);
    await pass(30_000);
    expect(wait.answer).toBe(ended);
    expect(wait.afterMs - seconds * 1000).toBeLessThanOrEqual(withinMs);
    expect(reads).toHaveLength(readCount);
  });
});

test('all who wait for one job share one read, and all are answered by it', async () => {
  const early = waiting(20);
  await pass(1000);
  const readsOfOne = reads.length;
  const late = waiting(20);
  await pass(1000);
  expect(reads.length - readsOfOne).toBeLessThanOrEqual(4);
  stored = async () => ended;
  await pass(750);
  expect([early.answer, late.answer]).toEqual([ended, ended]);
  expect(new Set(reads)).toEqual(new Set([pending.ref]));
});

test('jobs are read each for itself', async () => {
  const other = jobOf({ ref: 'another' });
  stored = async (ref) => (ref === 'another' ? ended : pending);
  const [first, second] = [waiting(1), waiting(1, { job: other })];
  await pass(1000);
  expect([first.answer, second.answer]).toEqual([pending, ended]);
});

describe('a wait is over', () => {
  test('after its seconds, with the job as it was last seen', async () => {
    const running = jobOf({ lease: 'live', percentComplete: 40 });
    stored = async () => running;
    const wait = waiting(2);
    await pass(1999);
    expect(wait.answer).toBeUndefined();
    await pass(1);
    expect(wait).toMatchObject({ answer: running, afterMs: 2000 });
  });

  test('after its seconds, whatever a read is doing', async () => {
    const { promise, resolve } = Promise.withResolvers<Job>();
    stored = () => promise;
    const wait = waiting(2);
    await pass(2000);
    expect(wait).toMatchObject({ answer: pending, afterMs: 2000 });
    resolve(pending);
    await pass(10_000);
    expect(reads).toHaveLength(1);
  });

  test('each after its own seconds', async () => {
    const [short, long] = [waiting(1), waiting(3)];
    await pass(3000);
    expect([short.afterMs, long.afterMs]).toEqual([1000, 3000]);
  });

  test('at once of a job that has ended already, and where no time is given', async () => {
    const [over, none] = [waiting(10, { job: ended }), waiting(0)];
    await pass(0);
    expect([over.answer, none.answer]).toEqual([ended, pending]);
    expect(reads).toEqual([]);
  });

  test('when its client leaves, and with the last one the reads', async () => {
    const client = new Client();
    const wait = waiting(20, { client });
    await pass(100);
    client.leave();
    await pass(0);
    expect(wait).toMatchObject({ answer: pending, afterMs: 100 });
    expect(client.listeners.size).toBe(0);
    const readsSoFar = reads.length;
    await pass(20_000);
    expect(reads).toHaveLength(readsSoFar);
  });

  test('at once where the client has left before it', async () => {
    const client = new Client();
    client.isClosed = true;
    const wait = waiting(20, { client });
    await pass(0);
    expect(wait.answer).toBe(pending);
  });

  test('when the job goes: unknown', async () => {
    stored = async () => {
      throw jobUnknown();
    };
    const wait = waiting(20);
    await pass(50);
    expect(wait.error).toMatchObject({ code: 'job-unknown' });
    expect(warnings).toEqual([]);
  });

  test('when storage does not answer: the job is there all the same, and the log says why', async () => {
    stored = async () => {
      throw new StorageUnavailable('Get Blob Properties');
    };
    const [one, other] = [waiting(20), waiting(20)];
    await pass(50);
    expect([one, other]).toMatchObject([{ answer: pending }, { answer: pending }]);
    expect(warnings).toEqual(
      Array(2).fill(expect.stringMatching(/wait broken off .*storage did not answer/)),
    );
    expect(reads).toHaveLength(1);
  });
});

test('beyond the limit nobody is held; who leaves makes room', async () => {
  const client = new Client();
  const held = [waiting(20, { client }), waiting(10), waiting(10, { job: jobOf({ ref: 'another' }) })];
  const beyond = waiting(20);
  await pass(0);
  expect(beyond).toMatchObject({ answer: pending, afterMs: 0 });
  expect(held.map(({ answer }) => answer)).toEqual([undefined, undefined, undefined]);

  client.leave();
  await pass(0);
  const next = waiting(5);
  await pass(1);
  expect(next.answer).toBeUndefined();
  await pass(20_000);
  expect(next.afterMs).toBe(5000);
});

describe('lookNow', () => {
  test('spares the pause', async () => {
    const wait = waiting(20);
    await pass(5000);
    const readsSoFar = reads.length;
    stored = async () => ended;
    waits.lookNow(pending.ref);
    await pass(0);
    expect(wait).toMatchObject({ answer: ended, afterMs: 5000 });
    expect(reads).toHaveLength(readsSoFar + 1);
  });

  test('during a read has another one follow at once: the first may have been too early', async () => {
    const { promise, resolve } = Promise.withResolvers<Job>();
    stored = () => promise;
    const wait = waiting(20);
    await pass(50);
    stored = async () => ended;
    waits.lookNow(pending.ref);
    resolve(pending);
    await pass(0);
    expect(wait).toMatchObject({ answer: ended, afterMs: 50 });
  });

  test('on a job that is still pending changes nothing', async () => {
    const wait = waiting(1);
    await pass(100);
    waits.lookNow(pending.ref);
    await pass(900);
    expect(wait).toMatchObject({ answer: pending, afterMs: 1000 });
  });

  test('reads nothing for nobody', async () => {
    waits.lookNow(pending.ref);
    await pass(1000);
    expect(reads).toEqual([]);
  });
});

describe('a job that runs in this process', () => {
  test('is read at the end of its attempt, and until then every 750 ms for what others do to it', async () => {
    const attempt = Promise.withResolvers<void>();
    const wait = waiting(20, { endsHere: attempt.promise });
    await pass(749);
    expect(reads).toHaveLength(0);
    await pass(751);
    expect(reads).toHaveLength(2);
    stored = async () => ended;
    attempt.resolve();
    await pass(0);
    expect(reads).toHaveLength(3);
    expect(wait).toMatchObject({ answer: ended, afterMs: 1500 });
  });

  test('whose attempt was over before anybody waited is read at once', async () => {
    stored = async () => ended;
    const wait = waiting(20, { endsHere: Promise.resolve() });
    await pass(0);
    expect(wait).toMatchObject({ answer: ended, afterMs: 0 });
    expect(reads).toHaveLength(1);
  });

  test('whose attempt failed goes on elsewhere, and is read as any other', async () => {
    const wait = waiting(20, { endsHere: Promise.resolve() });
    await pass(0);
    expect(reads).toHaveLength(1);
    await pass(50);
    expect(reads).toHaveLength(2);
    stored = async () => ended;
    await pass(100);
    expect(wait.answer).toBe(ended);
  });
});

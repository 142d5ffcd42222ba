/** Whether there is room for a start, on counts and a clock that the test sets. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Backlog, backlogs } from '../../src/jobs/backlog.ts';
import { StorageUnavailable } from '../../src/jobs/errors.ts';
import type { Registry } from '../../src/jobs/ports.ts';

const log = { info() {}, warn() {}, error() {} };
const registry = new Map([
  ['short', {}],
  ['long', { lane: 'slow' }],
]) as unknown as Registry;

let nowMs: number;
let messages: Map<string | undefined, number>;
let asked: (string | undefined)[];
let backlog: Backlog;

const limitedTo = (most: number) =>
  backlogs(
    {
      async count(lane) {
        asked.push(lane);
        const count = messages.get(lane);
        if (count === undefined) throw new StorageUnavailable('Get Queue Metadata');
        return count;
      },
    },
    registry,
    most,
    () => nowMs,
  );

beforeEach(() => {
  nowMs = 1000;
  asked = [];
  messages = new Map([
    [undefined, 0],
    ['slow', 0],
  ]);
  backlog = limitedTo(10);
});

const hasRoom = (operation = 'short') => backlog.hasRoom(operation, log);
const retrySeconds = () => backlog.full('short').retryAfterSeconds;

/** Counts now and then. */
async function counted(first: number, passedMs: number, then: number): Promise<void> {
  messages.set(undefined, first);
  await hasRoom();
  nowMs += passedMs;
  messages.set(undefined, then);
  await hasRoom();
}

describe('room', () => {
  test('is there up to the limit, which each lane has for itself', async () => {
    messages.set(undefined, 9).set('slow', 10);
    expect([await hasRoom(), await hasRoom('long')]).toEqual([true, false]);
    expect(asked).toEqual([undefined, 'slow']);
  });

  test('without a limit is there always, and nothing is asked', async () => {
    backlog = limitedTo(0);
    messages.set(undefined, 1e6);
    expect(await hasRoom()).toBe(true);
    expect(asked).toEqual([]);
  });

  test('is asked for once in five seconds, however many start', async () => {
    await Promise.all(Array.from({ length: 50 }, () => hasRoom()));
    nowMs += 4999;
    await hasRoom();
    expect(asked).toHaveLength(1);
    nowMs += 1;
    await Promise.all(Array.from({ length: 50 }, () => hasRoom()));
    expect(asked).toHaveLength(2);
  });

  test('is taken by what this instance adds between two counts', async () => {
    messages.set(undefined, 8);
    for (const room of [true, true, false]) {
      expect(await hasRoom()).toBe(room);
      if (room) backlog.added('short');
    }
    expect(asked).toHaveLength(1);
  });

  test('comes back between two counts at the pace at which the queue drained', async () => {
    await counted(20, 10_000, 10);
    expect(await hasRoom()).toBe(false);
    nowMs += 1500;
    expect(await hasRoom()).toBe(true);
    expect(asked).toHaveLength(2);
  });

  test('is assumed where it cannot be asked for: storage that is gone refuses the start itself', async () => {
    messages.delete(undefined);
    expect(await hasRoom()).toBe(true);
    messages.set(undefined, 10);
    expect(await hasRoom()).toBe(false);
  });
});

describe('a refusal says when there will be room', () => {
  test('by the pace of the drain, what was added meanwhile taken into account', async () => {
    messages.set(undefined, 16);
    await hasRoom();
    for (let i = 0; i < 4; i += 1) backlog.added('short');
    nowMs += 10_000;
    messages.set(undefined, 15);
    await hasRoom();
    // Five in ten seconds have gone; six have to.
    expect(retrySeconds()).toBe(12);
  });

  test('within a minute, and no sooner than in a second', async () => {
    await counted(5000, 10_000, 4990);
    expect(retrySeconds()).toBe(60);
    await counted(5000, 5000, 10);
    expect(retrySeconds()).toBe(1);
  });

  test('to each of a crowd of another place, as they get free, and within a minute', async () => {
    // Two a second go; the first has eleven to wait for.
    await counted(40, 10_000, 20);
    const told = Array.from({ length: 200 }, retrySeconds);
    expect(told.slice(0, 5)).toEqual([6, 6, 7, 7, 8]);
    expect(told.slice(-80)).toEqual(Array(80).fill(60));
    nowMs += 50_000;
    messages.set(undefined, 15);
    await hasRoom();
    expect(retrySeconds()).toBeLessThanOrEqual(60);
  });

  test('by the next count where the pace is not known yet, after a minute where nothing drained', async () => {
    messages.set(undefined, 10);
    await hasRoom();
    expect(retrySeconds()).toBe(5);
    nowMs += 10_000;
    await counted(10, 10_000, 12);
    expect(retrySeconds()).toBe(60);
  });
});

describe('what waits before a job', () => {
  test('takes as long as the pace says, and asks storage nothing', async () => {
    expect(backlog.drainSeconds('short')).toBeUndefined();
    await counted(40, 10_000, 20);
    expect(backlog.drainSeconds('short')).toBe(10);
    expect(backlog.drainSeconds('long')).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  test('is nothing where the queue is empty, and unknown where the count is old', async () => {
    await hasRoom();
    expect(backlog.drainSeconds('short')).toBe(0);
    nowMs += 61_000;
    expect(backlog.drainSeconds('short')).toBeUndefined();
  });
});

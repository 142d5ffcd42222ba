import { describe, expect, test } from '@jest/globals';
import { randomFrom } from '../../../dev/chaos/random.ts';
import { arrivalTimesMs } from '../../../dev/simulate/arrivals.ts';
import type { Scenario } from '../../../dev/simulate/scenario.ts';
import { simulate } from '../../../dev/simulate/simulate.ts';
import { quantilesOf } from '../../../dev/simulate/summary.ts';
import { timeline } from '../../../dev/simulate/timeline.ts';

const scenario: Scenario = {
  name: 'a small burst',
  seed: 7,
  seconds: 120,
  arrivals: { kind: 'burst', perSecond: 1, jobs: 300, fromSeconds: 20, overSeconds: 10 },
  caller: { kind: 'retry-after' },
  work: { medianSeconds: 2, spread: 0.3, failing: 0, usualSeconds: undefined },
  workers: { atStart: 1, most: 20, decisionSeconds: 5, step: 4, startSeconds: 2, isOnFront: false },
  front: { instances: 2, startMs: 5, pollMs: 2, awayMs: 10, isFastPath: false },
  storageMs: 5,
  maxBacklog: 0,
  maxPollingMs: 2000,
};
const [unhindered, four] = [
  { batchSize: 16, newBatchThreshold: 8 },
  { batchSize: 4, newBatchThreshold: 0 },
];
const most = (samples: readonly { readonly instances: number }[]) =>
  Math.max(...samples.map(({ instances }) => instances));

test('the same seed gives the same run, another seed another', async () => {
  const [one, again, other] = [
    await simulate(scenario),
    await simulate(scenario),
    await simulate({ ...scenario, seed: 8 }),
  ];
  expect(again).toEqual(one);
  expect(other.latencies).not.toEqual(one.latencies);
});

test('everybody hears of the end, whatever happens on the way, and a short job costs what the tests count', async () => {
  const short = { ...scenario, work: { ...scenario.work, medianSeconds: 0.2, spread: 0 } };
  for (const each of [
    short,
    { ...short, work: { ...short.work, failing: 0.4 } },
    { ...short, caller: { kind: 'wait', seconds: 30 } as const },
    { ...short, maxBacklog: 20 },
  ]) {
    const { jobs, latencies } = await simulate(each);
    expect(latencies).toHaveLength(jobs);
    expect(Math.min(...latencies.map(({ seconds }) => seconds))).toBeGreaterThan(0.2);
  }
  const { jobs, calls, polls } = await simulate(short);
  const dequeues = calls - polls - 5 * jobs;
  expect(dequeues).toBeGreaterThan(jobs / 16);
  expect(dequeues).toBeLessThanOrEqual(jobs);
});

describe('load is levelled', () => {
  test('more come than one instance can do: they wait, instances come, and go again', async () => {
    const { samples } = await simulate(scenario);
    expect(Math.max(...samples.map(({ backlog }) => backlog))).toBeGreaterThan(100);
    expect(most(samples)).toBeGreaterThan(4);
    expect(most(samples)).toBeLessThanOrEqual(20);
    expect(samples.at(-2)?.instances).toBeLessThan(most(samples));
  });

  test('without further instances it takes longer; with fewer jobs at a time longer still', async () => {
    const alone = { ...scenario, workers: { ...scenario.workers, decisionSeconds: 0 } };
    const p95 = async (each: Scenario, concurrency = unhindered) =>
      quantilesOf((await simulate(each, concurrency)).latencies).p95;
    const [scaled, one, narrow] = [await p95(scenario), await p95(alone), await p95(alone, four)];
    expect(one).toBeGreaterThan(1.5 * scaled);
    expect(narrow).toBeGreaterThan(2 * one);
  });

  test('beyond MAX_BACKLOG starts are refused, and the queue stays about so short', async () => {
    const { samples, refusals } = await simulate({ ...scenario, maxBacklog: 50 });
    expect(refusals).toBeGreaterThan(100);
    expect(Math.max(...samples.map(({ backlog }) => backlog))).toBeLessThan(75);
  });
});

test('who waits hears sooner than who polls, and on the fast path sooner still', async () => {
  const quiet: Scenario = {
    ...scenario,
    arrivals: { kind: 'steady', perSecond: 2 },
    work: { ...scenario.work, medianSeconds: 0.5 },
    workers: { ...scenario.workers, decisionSeconds: 0 },
  };
  const wait = { ...quiet, caller: { kind: 'wait', seconds: 30 } as const };
  const p50 = async (each: Scenario) => quantilesOf((await simulate(each)).latencies).p50;
  const polled = await p50(quiet);
  const waited = await p50(wait);
  const fast = await p50({ ...wait, front: { ...wait.front, isFastPath: true } });
  expect(waited).toBeLessThan(polled);
  expect(fast).toBeLessThan(waited);
});

test('arrivals keep to their rate', () => {
  const wave = arrivalTimesMs({ kind: 'wave', least: 1, most: 9, lengthSeconds: 1000 }, 1000, randomFrom(3));
  // On average halfway between.
  expect(wave.length).toBeGreaterThan(4700);
  expect(wave.length).toBeLessThan(5300);
  const middle = wave.filter((atMs) => atMs >= 400_000 && atMs < 600_000).length;
  expect(middle).toBeGreaterThan(wave.length / 4);
  expect(wave).toEqual(wave.toSorted((one, other) => one - other));
});

test('what is put for one moment happens in the order in which it was put', async () => {
  const time = timeline();
  const happened: string[] = [];
  const note = (what: string) => () => void happened.push(`${what} at ${time.now()}`);
  time.after(20, note('c'));
  time.after(10, () => {
    note('a')();
    time.after(0, note('b'));
  });
  time.after(20, note('d'));
  await time.run();
  expect(happened).toEqual(['a at 10', 'b at 10', 'c at 20', 'd at 20']);
});

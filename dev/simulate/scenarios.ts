/** What docs/scale.md shows. Where a figure is not the app's own or published, docs/scale.md says what it is taken to be. */
import hostJson from '../../host.json' with { type: 'json' };
import { timespanMs } from '../host/timespan.ts';
import type { Caller, Front, Scenario, Work, Workers } from './scenario.ts';

const RETRY_AFTER: Caller = { kind: 'retry-after' };
const WAIT: Caller = { kind: 'wait', seconds: 30 };

/** Scale-out as published for triggers other than HTTP: four instances at a time, every 30 s at most. */
const PUBLISHED: Workers = {
  atStart: 1,
  most: 100,
  decisionSeconds: 30,
  step: 4,
  startSeconds: 5,
  isOnFront: false,
};
/** Flex Consumption is said to be faster, without a figure. */
const FASTER: Workers = { ...PUBLISHED, decisionSeconds: 5 };

const work = (medianSeconds: number, more: Partial<Work> = {}): Work => ({
  medianSeconds,
  spread: 0.5,
  failing: 0,
  usualSeconds: undefined,
  ...more,
});

/** Of host.json. */
export const maxPollingMs = timespanMs(hostJson.extensions.queues.maxPollingInterval) ?? 60_000;

/** Of instances that answer HTTP on Azure, where nothing was measured. */
export const front: Front = { instances: 8, startMs: 10, pollMs: 4, awayMs: 40, isFastPath: false };

const common = {
  seed: 1,
  front,
  storageMs: 10,
  maxBacklog: 0,
  maxPollingMs,
} as const;

export const burst: Scenario = {
  ...common,
  name: 'a burst of 3,000 in a minute',
  seconds: 600,
  arrivals: { kind: 'burst', perSecond: 1, jobs: 3000, fromSeconds: 60, overSeconds: 60 },
  caller: RETRY_AFTER,
  work: work(5),
  workers: PUBLISHED,
};

export const fasterBurst: Scenario = { ...burst, name: '… instances added every 5 s', workers: FASTER };

export const wave: Scenario = {
  ...common,
  name: 'a day in three hours, 1 to 10 jobs/s',
  seconds: 10_800,
  arrivals: { kind: 'wave', least: 1, most: 10, lengthSeconds: 10_800 },
  caller: RETRY_AFTER,
  work: work(5),
  workers: PUBLISHED,
};

/** The burst, by what callers and the app do about it. */
export const policies: readonly Scenario[] = [
  burst,
  { ...burst, name: '… the operation declares 5 s', work: work(5, { usualSeconds: 5 }) },
  { ...burst, name: '… polled every second', caller: { kind: 'interval', seconds: 1 } },
  { ...burst, name: '… polled every 30 s', caller: { kind: 'interval', seconds: 30 } },
  { ...burst, name: '… by `?wait=30`', caller: WAIT },
  { ...burst, name: '… `MAX_BACKLOG=500`', maxBacklog: 500 },
  { ...burst, name: '… one attempt in ten throws', work: work(5, { failing: 0.1 }) },
  fasterBurst,
];

const quiet: Scenario = {
  ...common,
  name: 'steady, 5 jobs/s of half a second',
  seconds: 600,
  arrivals: { kind: 'steady', perSecond: 5 },
  caller: RETRY_AFTER,
  work: work(0.5),
  workers: { ...PUBLISHED, decisionSeconds: 0 },
};

export const steady: readonly Scenario[] = [
  quiet,
  { ...quiet, name: '… by `?wait=30`', caller: WAIT },
  { ...quiet, name: '… with the fast path', caller: WAIT, front: { ...front, isFastPath: true } },
  wave,
];

/**
 * What a run will do, all of it chosen from the seed before it begins: which jobs are started and how their clients
 * behave, and what goes wrong after which of them. When a call is answered no seed can say, so a schedule counts in jobs.
 */
import type { Fault } from '../storage-relay.ts';
import { type Random, randomFrom } from './random.ts';

/** What is asked of the app, and so what its reply must be. */
export type Work =
  | {
      readonly operation: 'delay';
      readonly seconds: number;
      readonly steps: number;
      readonly outcome: 'succeed' | 'reject' | 'throw' | 'crash';
      readonly succeedOnAttempt?: number;
      readonly replyBytes?: number;
    }
  | { readonly operation: 'csv-profile'; readonly rows: number; readonly rowBytes: number };

export interface JobPlan {
  readonly index: number;
  readonly work: Work;
  /** How many starts there are under one `Idempotency-Key`, and whether all at once; undefined: no key. */
  readonly key?: { readonly starts: number; readonly atOnce: boolean };
  /** Hangs up in the middle of its first start's body, and starts again. */
  readonly hangsUp: boolean;
  /** Goes away once its job is accepted, and never asks. */
  readonly vanishes: boolean;
  /** Waits with the start, and with every poll. */
  readonly waitSeconds: number;
  readonly reply: 'redirect' | 'stream' | 'link';
  readonly hand?: { readonly act: 'cancel' | 'delete'; readonly afterMs: number };
  /** Its own chance, for pauses between polls and the choice of a host. */
  readonly seed: number;
}

export type Mishap =
  | { readonly kind: 'kill'; readonly host: number; readonly what: 'instance' | 'worker' }
  | {
      readonly kind: 'pause';
      readonly host: number;
      readonly what: 'instance' | 'worker';
      readonly seconds: number;
    }
  | {
      readonly kind: 'fault';
      readonly on: string;
      readonly fault: Fault | 'slow';
      /** Of one path: more than the SDK's own three tries, and the app hears of it. */
      readonly calls: number;
      readonly slowMs: number;
    };

export interface Schedule {
  readonly jobs: readonly JobPlan[];
  /** By the job after whose start it happens. */
  readonly mishaps: ReadonlyMap<number, readonly Mishap[]>;
  /** Seconds by which the clock of a host's worker is off, one start after the other. */
  readonly skewsSeconds: readonly number[];
}

export interface ScheduleSize {
  readonly jobs: number;
  readonly kills: number;
  readonly pauses: number;
  readonly faults: number;
  readonly hosts: number;
  readonly seed: number;
}

/** Azure refuses requests signed more than 15 minutes off; a machine in Azure is seldom a second off. */
const MOST_SKEW_SECONDS = 300;
/** Longer than a lease. */
const PAUSE_SECONDS = { least: 31, most: 40 } as const;

export function scheduleFrom(size: ScheduleSize): Schedule {
  const random = randomFrom(size.seed);
  const jobs = Array.from({ length: size.jobs }, (_, index) => jobPlan(index, random));
  const mishaps = new Map<number, Mishap[]>();
  const spread = (count: number, make: () => Mishap) => {
    for (let nth = 0; nth < count; nth += 1) {
      // Evenly, each somewhere in its own stretch: two thousand jobs without a kill would be no test of them.
      const after = Math.min(size.jobs - 1, Math.floor(((nth + random.next()) * size.jobs) / count));
      mishaps.set(after, [...(mishaps.get(after) ?? []), make()]);
    }
  };
  const host = () => random.whole(0, size.hosts - 1);
  const what = () => random.pick({ instance: 3, worker: 2 });
  spread(size.kills, () => ({ kind: 'kill', host: host(), what: what() }));
  spread(size.pauses, () => ({
    kind: 'pause',
    host: host(),
    what: what(),
    seconds: random.whole(PAUSE_SECONDS.least, PAUSE_SECONDS.most),
  }));
  spread(size.faults, () => faultPlan(random));
  const skewsSeconds = Array.from({ length: size.hosts + size.kills + size.pauses }, () =>
    random.whole(-MOST_SKEW_SECONDS, MOST_SKEW_SECONDS),
  );
  return { jobs, mishaps, skewsSeconds };
}

function jobPlan(index: number, random: Random): JobPlan {
  const isKeyed = random.chance(0.15);
  const hasHand = random.chance(0.14);
  return {
    index,
    work: workPlan(index, random),
    ...(isKeyed && { key: { starts: random.whole(2, 4), atOnce: random.chance(0.5) } }),
    hangsUp: random.chance(0.02),
    vanishes: random.chance(0.1),
    waitSeconds: random.chance(0.15) ? random.whole(1, 5) : 0,
    reply: random.pick({ redirect: 3, stream: 2, link: 1 }),
    ...(hasHand && {
      hand: { act: random.pick({ cancel: 2, delete: 1 }), afterMs: Math.round(random.next() ** 2 * 5000) },
    }),
    seed: random.whole(0, 2 ** 31),
  };
}

/** What it costs decides how often: a reply or a request of more than one block moves megabytes. */
function workPlan(index: number, random: Random): Work {
  const kind = random.pick({
    short: 55,
    long: 14,
    retried: 6,
    failing: 3,
    rejected: 4,
    bytes: 2,
    csv: 15,
    bigCsv: 0.7,
    crash: 0.15,
  });
  // To the microsecond the job's own, so that a reply that is another job's shows.
  const seconds = (least: number, most: number) =>
    Math.round(1000 * (least + random.next() * (most - least))) / 1000 + index / 1e9;
  const delay = { operation: 'delay', steps: 1, outcome: 'succeed' } as const;
  switch (kind) {
    case 'short':
      return { ...delay, seconds: seconds(0, 0.8) };
    case 'long':
      return { ...delay, seconds: seconds(1, 6), steps: random.whole(1, 6) };
    case 'retried':
      return { ...delay, seconds: seconds(0, 0.5), outcome: 'throw', succeedOnAttempt: random.whole(2, 3) };
    case 'failing':
      return { ...delay, seconds: seconds(0, 0.2), outcome: 'throw' };
    case 'rejected':
      return { ...delay, seconds: seconds(0, 2), outcome: 'reject' };
    case 'bytes':
      return { ...delay, seconds: seconds(0, 1), replyBytes: 5_000_000 + index };
    case 'csv':
      return { operation: 'csv-profile', rows: random.whole(1, 200), rowBytes: 40 };
    case 'bigCsv':
      return { operation: 'csv-profile', rows: random.whole(4500, 5000), rowBytes: 1000 };
    case 'crash':
      return { ...delay, seconds: seconds(0, 0.5), outcome: 'crash', succeedOnAttempt: 2 };
    default:
      return kind satisfies never;
  }
}

function faultPlan(random: Random): Mishap {
  return {
    kind: 'fault',
    on: random.pick({
      'Put Blob': 6,
      'Put Message': 5,
      'Get Blob': 5,
      'Get Blob Properties': 4,
      'Set Blob Metadata': 5,
      'Lease Blob: acquire': 4,
      'Lease Blob: release': 2,
      'Lease Blob: break': 1,
      'Put Block': 1,
      'Put Block List': 1,
      'Get Messages': 2,
      'Delete Message': 3,
      'Delete Blob': 1,
    }),
    fault: random.pick({
      refuse: 3,
      throttle: 2,
      fail: 2,
      reset: 3,
      'lose-answer': 5,
      'half-answer': 2,
      slow: 2,
    }),
    calls: random.pick({ once: 6, persistent: 2, long: 1 }) === 'once' ? 1 : random.whole(3, 8),
    slowMs: random.whole(500, 12_000),
  };
}

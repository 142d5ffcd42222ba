/** Moments at which jobs come: by chance, at the rate that is wanted. */
import type { Random } from '../chaos/random.ts';
import type { Arrivals } from './scenario.ts';

type Spread = Exclude<Arrivals, { kind: 'at-once' }>;

/** Milliseconds since the beginning, in order. */
export function arrivalTimesMs(arrivals: Arrivals, seconds: number, random: Random): number[] {
  if (arrivals.kind === 'at-once') {
    const { jobs, fromSeconds, toSeconds } = arrivals;
    const atMs = 1000 * (fromSeconds + random.next() * (toSeconds - fromSeconds));
    return Array.from({ length: jobs }, () => atMs);
  }
  const times: number[] = [];
  const highest = mostPerSecond(arrivals);
  // Thinning: candidates at the highest rate, of which each is kept as often as the rate of its moment says.
  for (let at = gap(highest, random); at < seconds; at += gap(highest, random)) {
    if (random.chance(perSecond(arrivals, at) / highest)) times.push(at * 1000);
  }
  return times;
}

/** Of a process without memory. */
const gap = (perSecond: number, random: Random) => -Math.log(1 - random.next()) / perSecond;

function perSecond(arrivals: Spread, atSeconds: number): number {
  if (arrivals.kind === 'steady') return arrivals.perSecond;
  if (arrivals.kind === 'wave') {
    const height = (1 - Math.cos((2 * Math.PI * atSeconds) / arrivals.lengthSeconds)) / 2;
    return arrivals.least + (arrivals.most - arrivals.least) * height;
  }
  const { fromSeconds, overSeconds, jobs } = arrivals;
  const isBurst = atSeconds >= fromSeconds && atSeconds < fromSeconds + overSeconds;
  return arrivals.perSecond + (isBurst ? jobs / overSeconds : 0);
}

function mostPerSecond(arrivals: Spread): number {
  if (arrivals.kind === 'steady') return arrivals.perSecond;
  if (arrivals.kind === 'wave') return arrivals.most;
  return arrivals.perSecond + arrivals.jobs / arrivals.overSeconds;
}

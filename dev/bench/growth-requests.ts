/** What accepting and polling take beside a number of pending jobs. */
import type { BenchContext } from './bench.ts';
import type { CountedSides } from './counted-sides.ts';
import { cpuFigures, cpuTimeMs } from './cpu-time.ts';
import type { Figure } from './figure.ts';
import { type Ask, askOnce, load } from './load.ts';
import { each, inTurns } from './rounds.ts';
import type { Side, SideName, Sides } from './sides.ts';
import { startJob } from './start-job.ts';
import { putSucceededJob } from './stored-job.ts';

const ROUNDS = 5;
/** As few as tell something: those of accepting become pending jobs. */
const REQUESTS = 40;
const WARM_UP_REQUESTS = 200;
const SAMPLE = 10;

/** One client: the median of its requests, and the worker's processor time for one. */
export async function timeRequests(
  { isQuick }: BenchContext,
  sides: Sides,
  by: string,
): Promise<readonly Figure[]> {
  const [rounds, requests, warmUpRequests] = isQuick ? [1, 10, 10] : [ROUNDS, REQUESTS, WARM_UP_REQUESTS];
  const figures: Figure[] = [];
  for (const [what, ask] of await asksOf(sides)) {
    const timed = async (side: Side, count: number) => {
      const beforeMs = cpuTimeMs(side.host.workerPid);
      const { p50Ms } = await load({ clients: 1, requests: count, next: () => ask(side) });
      return { p50Ms, cpuMs: (cpuTimeMs(side.host.workerPid) - beforeMs) / count };
    };
    await inTurns(sides, 1, (side) => timed(side, warmUpRequests));
    const measured = await inTurns(sides, rounds, (side) => timed(side, requests));
    const name = `${what}, ${by}`;
    figures.push(
      { name, unit: 'ms', ...each(measured, ({ p50Ms }) => p50Ms) },
      ...cpuFigures(name, measured),
    );
  }
  return figures;
}

/** Storage calls of each of some requests. */
export async function countRequests(sides: CountedSides, by: string): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [what, ask] of await asksOf(sides)) {
    const count = () =>
      inTurns(sides, SAMPLE, async ({ name }) => {
        const side = sides[name];
        side.proxy.reset();
        await askOnce(ask(side));
        return side.proxy.count();
      });
    // What a first request makes or learns is not a job's.
    await count();
    figures.push({ name: `${what}, ${by}`, unit: 'calls', ...(await count()) });
  }
  return figures;
}

/** What is asked of a side, by name; each polls a job of its own that has succeeded. */
async function asksOf(sides: Sides): Promise<readonly (readonly [string, (side: Side) => Ask])[]> {
  const paths: Readonly<Record<SideName, string>> = {
    ours: await putSucceededJob(sides.ours),
    floor: await putSucceededJob(sides.floor),
  };
  const accept = ({ host }: Side): Ask => startJob(host.url);
  const poll = ({ name, host }: Side): Ask => ({
    method: 'GET',
    url: `${host.url}${paths[name]}`,
    expects: 302,
  });
  return [
    ['accept', accept],
    ['poll', poll],
  ];
}

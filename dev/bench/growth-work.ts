/** What working a job off takes beside a number of pending jobs. As many as are worked off in a round are put again behind it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchContext } from './bench.ts';
import { callList, costOf } from './call-list.ts';
import type { CountedSides } from './counted-sides.ts';
import { cpuFigures, cpuTimeMs } from './cpu-time.ts';
import type { Figure } from './figure.ts';
import type { HeldLooks } from './held-looks.ts';
import { untilDeleted, untilQuiet } from './quiet.ts';
import { each, inTurns } from './rounds.ts';
import type { Side, SideName, Sides } from './sides.ts';
import { putPendingJobs } from './stored-job.ts';

const ROUNDS = 5;
const JOBS = 100;
const LOOKS = 7;
const WARM_UP_LOOKS = 20;
/** What a look brings of a long queue: `batchSize` of host.json. */
const JOBS_A_LOOK = 16;
const ASK_MS = 10;

/** Milliseconds a job. */
export async function timeWork(
  { isQuick }: BenchContext,
  sides: Sides,
  size: number,
  by: string,
): Promise<readonly Figure[]> {
  const [rounds, jobs] = isQuick ? [1, 10] : [ROUNDS, JOBS];
  for (const side of [sides.ours, sides.floor]) {
    side.host.pause();
    await fillUp(side, size);
  }
  const { ours, floor } = await inTurns(sides, rounds + 1, async (side) => {
    const counted = side.host.counted('run-job', jobs);
    side.host.resume();
    const seconds = await counted;
    side.host.pause();
    await fillUp(side, size);
    return (1000 * seconds) / (jobs - 1);
  });
  // The first round warms up.
  return [{ name: `work, ${by}`, unit: 'ms a job', ours: ours.slice(1), floor: floor.slice(1) }];
}

/**
 * Storage calls and the worker's processor time for each of exactly as many jobs as some looks bring.
 * @param looks of the queue of each side, held since its host started
 */
export async function countWork(
  { isQuick }: BenchContext,
  sides: CountedSides,
  looks: ReadonlyMap<SideName, HeldLooks>,
  size: number,
  by: string,
): Promise<readonly Figure[]> {
  const [rounds, passing, warmUp] = isQuick ? [1, 1, 1] : [ROUNDS, LOOKS, WARM_UP_LOOKS];
  const worked = async ({ name }: Side, count: number) => {
    const side = sides[name];
    const held = looks.get(name) as HeldLooks;
    await fillUp(side, size);
    while (held.count === 0) await sleep(ASK_MS);
    const beforeMs = cpuTimeMs(side.host.workerPid);
    held.reset();
    held.letPass(count);
    const jobs = count * JOBS_A_LOOK;
    await untilDeleted(side.proxy, jobs);
    await untilQuiet(side.proxy, isQuick);
    return {
      cost: costOf(side.proxy.tally(), jobs),
      cpuMs: (cpuTimeMs(side.host.workerPid) - beforeMs) / jobs,
    };
  };
  await inTurns(sides, 1, (side) => worked(side, warmUp));
  const measured = await inTurns(sides, rounds, (side) => worked(side, passing));
  const name = `work, ${by}`;
  const calls = measured.ours[0]?.cost.calls ?? {};
  return [
    {
      name,
      unit: 'calls',
      ...each(measured, ({ cost }) => cost.sum),
      note: `${callList(calls)} Looks: ${passing} for ${passing * JOBS_A_LOOK} jobs`,
    },
    ...cpuFigures(name, measured),
  ];
}

async function fillUp(side: Side, size: number): Promise<void> {
  await putPendingJobs(side, size - (await side.queue.count(undefined)));
}

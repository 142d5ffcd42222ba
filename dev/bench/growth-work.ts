/**
 * What working a job off takes beside a number of pending jobs, in storage calls: exactly as many as a look brings are worked off, and as
 * many put again behind the others. In time it takes what Azurite takes to look through the queue.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchContext } from './bench.ts';
import { callList, costOf } from './call-list.ts';
import type { CountedSides } from './counted-sides.ts';
import type { Figure } from './figure.ts';
import type { HeldLooks } from './held-looks.ts';
import { untilDeleted, untilQuiet } from './quiet.ts';
import { each, inTurns } from './rounds.ts';
import type { Side, SideName } from './sides.ts';
import { putPendingJobs } from './stored-job.ts';

const ROUNDS = 7;
/** What a look brings of a long queue: `batchSize` of host.json. */
const JOBS_A_LOOK = 16;
const ASK_MS = 10;

/** @param looks of the queue of each side, held since its host started */
export async function countWork(
  { isQuick }: BenchContext,
  sides: CountedSides,
  looks: ReadonlyMap<SideName, HeldLooks>,
  size: number,
  by: string,
): Promise<readonly Figure[]> {
  const worked = async ({ name }: Side) => {
    const side = sides[name];
    const held = looks.get(name) as HeldLooks;
    await putPendingJobs(side, size - (await side.queue.count(undefined)));
    while (held.count === 0) await sleep(ASK_MS);
    held.reset();
    held.letPass(1);
    await untilDeleted(side.proxy, JOBS_A_LOOK);
    await untilQuiet(side.proxy, isQuick);
    return costOf(side.proxy.tally(), JOBS_A_LOOK);
  };
  // What a first job makes or learns is not a job's.
  await inTurns(sides, 1, worked);
  const measured = await inTurns(sides, isQuick ? 1 : ROUNDS, worked);
  const note = `${callList(measured.ours[0]?.calls ?? {})} A look for ${JOBS_A_LOOK}`;
  return [{ name: `work, ${by}`, unit: 'calls', ...each(measured, ({ sum }) => sum), note }];
}

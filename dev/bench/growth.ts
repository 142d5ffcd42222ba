/**
 * Whether a job costs the same however many wait beside it: what accepting, polling and working off take, in storage calls, in processor
 * time and in time, and what a pass of the sweep takes, with a thousand pending jobs and with a hundred thousand. Both sides have as
 * many, for Azurite itself slows down with them: it looks through a whole queue at every look, and through all indexes at every write.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Azurite } from '../azurite.ts';
import type { Bench, BenchContext } from './bench.ts';
import { withCountedSides } from './counted-sides.ts';
import type { Figure } from './figure.ts';
import { atEach } from './growth-figures.ts';
import { countRequests, timeRequests } from './growth-requests.ts';
import { countWork } from './growth-work.ts';
import { type HeldLooks, holdLooks } from './held-looks.ts';
import { type SideName, without, withSides, withStorage } from './sides.ts';
import { putPendingJobs } from './stored-job.ts';
import { LEFT_ALONE_MS, sweepFigures, sweepPass } from './sweep-pass.ts';

const SIZES = [1000, 100_000];
const QUICK_SIZES = [40];

export const growth: Bench = {
  name: 'growth',
  title: 'The cost of a job, by how many others are pending',
  isOnlyByName: true,
  run: (context) =>
    withStorage(async (azurite) => {
      const sizes = context.isQuick ? QUICK_SIZES : SIZES;
      return await atEach(sizes, (size, index) =>
        atSize(context, azurite, size, size - (sizes[index - 1] ?? 0)),
      );
    }),
};

/** All figures with so many pending jobs on each side, the last of which are put first; what is accepted, some hundreds, comes on top. */
async function atSize(
  context: BenchContext,
  azurite: Azurite,
  size: number,
  more: number,
): Promise<readonly Figure[]> {
  const { isQuick, say } = context;
  const by = `${size.toLocaleString('en')} pending`;
  const figures: Figure[] = [];
  const keep = async (measured: Promise<readonly Figure[]>) => void figures.push(...(await measured));
  const idle = without('run-job', 'sweep-jobs', 'sweep-workflows');

  await withSides(
    context,
    idle,
    async (sides) => {
      for (const side of [sides.ours, sides.floor]) {
        say(`${by}: putting ${more}, ${side.name}`);
        await putPendingJobs(side, more, { onPut: (jobs) => say(`  ${jobs} of ${more}`) });
      }
      say(`${by}: accept, poll`);
      await keep(timeRequests(context, sides, by));
    },
    { azurite },
  );
  say(`${by}: storage calls`);
  await withCountedSides(context, (sides) => keep(countRequests(sides, by)), { settings: idle, azurite });
  const looks = new Map<SideName, HeldLooks>();
  await withCountedSides(context, (sides) => keep(countWork(context, sides, looks, size, by)), {
    settings: without('sweep-jobs', 'sweep-workflows'),
    azurite,
    onProxy: (name, proxy) => looks.set(name, holdLooks(proxy)),
  });

  say(`${by}: a pass of the sweep`);
  await withCountedSides(
    context,
    async ({ ours }) => {
      if (!isQuick) await sleep(LEFT_ALONE_MS);
      figures.push(...sweepFigures(by, await sweepPass({ hosts: [ours.host], proxy: ours.proxy, isQuick })));
    },
    { settings: without('run-job'), azurite },
  );
  return figures;
}

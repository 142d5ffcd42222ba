/**
 * Whether a job costs the same however many hosts share a backlog on one storage account, and what they cost together while nothing is
 * asked for. All of them share this machine: what it works off a second says nothing of what as many instances would.
 */
import { type AppHosts, withAppHosts } from './app-hosts.ts';
import type { Bench, BenchContext } from './bench.ts';
import type { Figure } from './figure.ts';
import { compared } from './growth-figures.ts';
import { idleMinute } from './idle-minute.ts';
import type { BenchStorage } from './sides.ts';
import { sweepFigures, sweepPass } from './sweep-pass.ts';
import { startEach, type WorkedOff, workedOffFigures, workOff } from './worked-off.ts';

const HOSTS = [1, 8, 64];
const QUICK_HOSTS = [1, 2];
/** For each, so that every worker is as warm. */
const JOBS_A_HOST = 40;
const QUICK_JOBS_A_HOST = 10;
const ROUNDS = 3;
const PAGE_ITEMS = 1000;

export const growthHosts: Bench = {
  name: 'growth-hosts',
  title: 'The cost of a job, by how many hosts there are',
  isOnlyByName: true,
  async run(context) {
    const measured: (readonly Figure[])[] = [];
    for (const count of context.isQuick ? QUICK_HOSTS : HOSTS) {
      const by = count === 1 ? '1 host' : `${count} hosts`;
      context.say(`${by}: starting`);
      measured.push(
        await withAppHosts({ entry: context.appEntry, count, queues: 1, isQuick: context.isQuick }, (app) =>
          measure(context, app, by),
        ),
      );
    }
    return compared(measured);
  },
};

async function measure(
  { isQuick, say }: BenchContext,
  app: AppHosts,
  by: string,
): Promise<readonly Figure[]> {
  const [jobsAHost, rounds] = isQuick ? [QUICK_JOBS_A_HOST, 1] : [JOBS_A_HOST, ROUNDS + 1];
  say(`${by}: jobs`);
  // What a first request makes or learns is not a job's.
  await startEach(app, ['delay']);
  const alone = await startEach(app, ['delay']);
  const worked: WorkedOff[] = [];
  for (let round = 0; round < rounds; round++) {
    worked.push(await workOff(app, jobsAHost * app.hosts.length));
  }
  const again = await attemptsBeyondTheFirst(app.storage);

  say(`${by}: the sweep`);
  // The first makes its blob.
  await sweepPass({ ...app, hosts: app.hosts.slice(0, 1) });
  const swept = await sweepPass(app);
  const figures = [
    ...workedOffFigures(by, alone, worked),
    { name: `attempts beyond the first, ${by}`, unit: 'attempts', ours: [again] },
    ...sweepFigures(`all at once, ${by}`, swept),
  ];
  if (isQuick) return figures;

  say(`${by}: an idle minute`);
  await idleMinute(app.proxy);
  const looks = app.proxy.count('Get Messages');
  const name = `an idle minute, ${by}`;
  return [
    ...figures,
    { name, unit: 'looks', ours: [looks] },
    { name, unit: 'other calls', ours: [app.proxy.count() - looks] },
  ];
}

/** Of all jobs there are, which have all succeeded. @throws {Error} where one has not */
async function attemptsBeyondTheFirst(storage: BenchStorage): Promise<number> {
  let more = 0;
  let marker: string | undefined;
  do {
    const page = await storage.store.list({ size: PAGE_ITEMS, marker });
    for (const { ref, state, attempt } of page.jobs) {
      if (state !== 'Succeeded') throw new Error(`Job ${ref} is ${state}.`);
      more += attempt - 1;
    }
    marker = page.marker;
  } while (marker !== undefined);
  return more;
}

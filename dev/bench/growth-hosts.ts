/**
 * Whether a job costs the same however many hosts share a backlog on one storage account, and what they cost together while nothing is
 * asked for. All of them share this machine: what it works off a second says nothing of what as many instances would.
 */
import { type AppHosts, withAppHosts } from './app-hosts.ts';
import type { Bench, BenchContext } from './bench.ts';
import type { Figure } from './figure.ts';
import { atEach } from './growth-figures.ts';
import { idleMinute } from './idle-minute.ts';
import { storedJobs } from './stored-job.ts';
import { sweepFigures, sweepPass } from './sweep-pass.ts';
import { startEach, type WorkedOff, workedOffFigures, workOff } from './worked-off.ts';

const HOSTS = [1, 8, 64];
const QUICK_HOSTS = [1, 2];
/**
 * The same for each, so that every worker is as warm; and few, since all hosts share this machine: of more, jobs that their hosts have
 * taken would wait for a core so long that the sweep takes them for forgotten.
 */
const JOBS_A_HOST = 10;
const WARM_UP_ROUNDS = 5;
const ROUNDS = 5;

export const growthHosts: Bench = {
  name: 'growth-hosts',
  title: 'The cost of a job, by how many hosts there are',
  isOnlyByName: true,
  run: (context) =>
    atEach(context.isQuick ? QUICK_HOSTS : HOSTS, (count) => {
      const by = count === 1 ? '1 host' : `${count} hosts`;
      context.say(`${by}: starting`);
      return withAppHosts({ entry: context.appEntry, count, queues: 1, isQuick: context.isQuick }, (app) =>
        measure(context, app, by),
      );
    }),
};

async function measure(
  { isQuick, say }: BenchContext,
  app: AppHosts,
  by: string,
): Promise<readonly Figure[]> {
  const rounds = isQuick ? 1 : WARM_UP_ROUNDS + ROUNDS;
  say(`${by}: jobs`);
  // What a first request makes or learns is not a job's.
  await startEach(app, ['delay']);
  const alone = await startEach(app, ['delay']);
  const worked: WorkedOff[] = [];
  for (let round = 0; round < rounds; round++) {
    worked.push(await workOff(app, JOBS_A_HOST * app.hosts.length));
  }
  const again = (await storedJobs(app.storage)).reduce((sum, { attempt }) => sum + attempt - 1, 0);

  say(`${by}: the sweep`);
  // The first makes its blob.
  await sweepPass({ ...app, hosts: app.hosts.slice(0, 1) });
  const swept = await sweepPass(app);
  const figures = [
    ...workedOffFigures(by, alone, worked.slice(-ROUNDS)),
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

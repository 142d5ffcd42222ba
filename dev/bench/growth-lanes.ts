/** Whether a job costs the same however many lanes an app has, and what lanes cost while nothing is asked for: a host looks into two queues for each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppHosts, withAppHosts } from './app-hosts.ts';
import type { Bench, BenchContext } from './bench.ts';
import type { Figure } from './figure.ts';
import { atEach } from './growth-figures.ts';
import { idleMinute } from './idle-minute.ts';
import { buildLanesApp, type LanesApp } from './lanes-app.ts';
import { putPendingJobs } from './stored-job.ts';
import { LEFT_ALONE_MS, sweepFigures, sweepPass } from './sweep-pass.ts';
import { startEach, type WorkedOff, workedOffFigures, workOff } from './worked-off.ts';

const LANES = [1, 8, 64];
const QUICK_LANES = [1, 2];
/** The same for all, so that each worker is as warm. */
const JOBS = 640;
const QUICK_JOBS = 20;
const ROUNDS = 5;

export const growthLanes: Bench = {
  name: 'growth-lanes',
  title: 'The cost of a job, by how many lanes there are beside the common one',
  isOnlyByName: true,
  run: (context) =>
    atEach(context.isQuick ? QUICK_LANES : LANES, (count) => {
      const by = count === 1 ? '1 lane' : `${count} lanes`;
      context.say(by);
      const { entry, lanes } = buildLanesApp(count);
      return withAppHosts({ entry, count: 1, queues: count + 1, isQuick: context.isQuick }, (hosts) =>
        measure(context, hosts, lanes, by),
      );
    }),
};

async function measure(
  { isQuick, say }: BenchContext,
  app: AppHosts,
  lanes: LanesApp['lanes'],
  by: string,
): Promise<readonly Figure[]> {
  const [jobs, rounds] = isQuick ? [QUICK_JOBS, 1] : [JOBS, ROUNDS + 1];
  const operations = lanes.map(({ operation }) => operation);
  // What a first request makes or learns is not a job's.
  await startEach(app, operations);
  const alone = await startEach(app, operations);
  const worked: WorkedOff[] = [];
  for (let round = 0; round < rounds; round++) worked.push(await workOff(app, jobs, { lanes }));

  say(`${by}: a pass of the sweep`);
  await sweepPass(app);
  await app.holdAll();
  await putPendingJobs(app.storage, lanes.length, { lanes });
  if (!isQuick) await sleep(LEFT_ALONE_MS);
  const swept = await sweepPass(app);
  app.looks.letPass(Number.POSITIVE_INFINITY);
  const figures = [
    ...workedOffFigures(by, alone, worked.slice(-ROUNDS)),
    ...sweepFigures(`a job pending in each of ${by}`, swept),
  ];
  if (isQuick) return figures;

  say(`${by}: an idle minute`);
  await idleMinute(app.proxy);
  const looks = app.proxy.count('Get Messages');
  const name = `an idle minute, ${by}`;
  return [...figures, { name, unit: 'looks', ours: [looks] }];
}

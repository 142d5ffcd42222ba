/**
 * Whether a job costs the same however many wait beside it: what accepting, polling and working off take, in time and in storage calls, and what
 * a pass of the sweep takes, with a thousand pending jobs and with a hundred thousand. Both sides have as many, for Azurite itself
 * slows down with them.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Azurite } from '../azurite.ts';
import { type StorageProxy, startStorageProxy } from '../storage-proxy.ts';
import type { Bench, BenchContext } from './bench.ts';
import { type Figure, spreadOf } from './figure.ts';
import { type Ask, askOnce, load } from './load.ts';
import { each, inTurns } from './rounds.ts';
import { type Side, type SideName, type Sides, without, withSides, withStorage } from './sides.ts';
import { putPendingJobs, putSucceededJob } from './stored-job.ts';

const SIZES = [1000, 100_000];
const QUICK_SIZES = [40, 120];
const SAMPLE = 10;
/** What the app does at its start is over then. */
const START_MS = 1000;
const LOOK_MS = 10;
const IDLE = without('run-job', 'sweep-jobs', 'sweep-workflows');

export const growth: Bench = {
  name: 'growth',
  title: 'The cost of a job, by how many others are pending',
  isOnlyByName: true,
  run: (context) =>
    withStorage(async (azurite) => {
      const [few = [], many = []] = [await atSize(context, azurite, 0), await atSize(context, azurite, 1)];
      return few.flatMap((figure, index) => [figure, compared(many[index] ?? figure, figure)]);
    }),
};

/** All figures with so many pending jobs on each side, which are put first; what is worked off or accepted is of little count. */
async function atSize(context: BenchContext, azurite: Azurite, index: number): Promise<Figure[]> {
  const { isQuick, say } = context;
  const sizes = isQuick ? QUICK_SIZES : SIZES;
  const size = sizes[index] ?? 0;
  const by = size.toLocaleString('en');
  const [rounds, seconds, jobs] = isQuick ? [1, 0.2, 10] : [5, 0.4, 100];
  const phase = <T>(
    settings: Record<string, string>,
    use: (sides: Sides) => Promise<T>,
    behind?: (name: SideName, storage: Azurite) => Promise<StorageProxy>,
  ) => withSides(context, settings, use, { azurite, ...(behind && { behind }) });

  const figures: Figure[] = await phase(IDLE, async (sides) => {
    say(`${by} pending: putting them`);
    for (const side of [sides.ours, sides.floor]) await putPendingJobs(side, size - (sizes[index - 1] ?? 0));
    say(`${by} pending: accept, poll`);
    const paths = { ours: await putSucceededJob(sides.ours), floor: await putSucceededJob(sides.floor) };
    const time = async (ask: AskOf) => {
      const next = (side: Side) => ask(side, paths);
      await inTurns(sides, 1, (side) => load({ clients: 1, seconds: seconds * 2, next: () => next(side) }));
      return await inTurns(sides, rounds, (side) => load({ clients: 1, seconds, next: () => next(side) }));
    };
    return [
      { name: `accept, ${by} pending`, unit: 'ms', ...each(await time(accept), ({ p50Ms }) => p50Ms) },
      { name: `poll, ${by} pending`, unit: 'ms', ...each(await time(poll), ({ p50Ms }) => p50Ms) },
    ];
  });

  say(`${by} pending: work`);
  const worked = await phase(without('sweep-jobs', 'sweep-workflows'), async (sides) => {
    for (const side of [sides.ours, sides.floor]) {
      side.host.pause();
      // Some were worked off before that.
      await putPendingJobs(side, size - (await side.queue.count(undefined)));
    }
    return await inTurns(sides, rounds + 1, async ({ host }) => {
      const counted = host.counted('run-job', jobs);
      host.resume();
      const took = await counted;
      host.pause();
      return (1000 * took) / (jobs - 1);
    });
  });
  // The first round warms up.
  figures.push({
    name: `work, ${by} pending`,
    unit: 'ms a job',
    ours: worked.ours.slice(1),
    floor: worked.floor.slice(1),
  });

  say(`${by} pending: storage calls`);
  const proxies = new Map<SideName, StorageProxy>();
  const behind = async (name: SideName, storage: Azurite) => {
    const proxy = await startStorageProxy(storage);
    proxies.set(name, proxy);
    return proxy;
  };
  const proxyOf = ({ name }: Side) => proxies.get(name) as StorageProxy;
  try {
    const { accepted, polled } = await phase(IDLE, (sides) => countCalls(sides, proxyOf), behind);
    for (const proxy of proxies.values()) await proxy.stop();
    const sweep = await phase(without('run-job'), ({ ours }) => sweepOnce(ours, proxyOf(ours)), behind);
    return [
      ...figures,
      { name: `accept, ${by} pending`, unit: 'calls', ...accepted },
      { name: `poll, ${by} pending`, unit: 'calls', ...polled },
      { name: `a pass of the sweep, ${by} pending`, unit: 'calls', ours: [sweep.calls] },
      { name: `a pass of the sweep, ${by} pending`, unit: 'ms', ours: [sweep.ms] },
    ];
  } finally {
    for (const proxy of proxies.values()) await proxy.stop();
  }
}

type Paths = Readonly<Record<SideName, string>>;
type AskOf = (side: Side, paths: Paths) => Ask;

const accept: AskOf = ({ host }) => ({
  method: 'POST',
  url: `${host.url}/api/operations/delay`,
  headers: { 'content-type': 'application/json' },
  body: '{"seconds":0}',
  expects: 202,
});
const poll: AskOf = ({ name, host }, paths) => ({
  method: 'GET',
  url: `${host.url}${paths[name]}`,
  expects: 302,
});

/** Storage calls of each of some requests. */
async function countCalls(sides: Sides, proxyOf: (side: Side) => StorageProxy) {
  const paths = { ours: await putSucceededJob(sides.ours), floor: await putSucceededJob(sides.floor) };
  const callsOf = (ask: AskOf) =>
    inTurns(sides, SAMPLE, async (side) => {
      proxyOf(side).reset();
      await askOnce(ask(side, paths));
      return proxyOf(side).count();
    });
  // What a first request makes or learns is not a job's.
  await callsOf(accept);
  return { accepted: await callsOf(accept), polled: await callsOf(poll) };
}

/** A pass that is asked for, and not the timer's. */
async function sweepOnce({ host }: Side, proxy: StorageProxy): Promise<{ calls: number; ms: number }> {
  await sleep(START_MS);
  proxy.reset();
  const beganMs = performance.now();
  await askOnce({
    method: 'POST',
    url: `${host.url}/admin/functions/sweep-jobs`,
    headers: { 'content-type': 'application/json' },
    body: '{}',
    expects: 202,
  });
  while (proxy.count('Lease Blob: release') === 0) await sleep(LOOK_MS);
  return { calls: proxy.count(), ms: performance.now() - beganMs };
}

/** With what it is of the figure with few, on either side. */
function compared(many: Figure, few: Figure): Figure {
  const times = (side: 'ours' | 'floor') =>
    (spreadOf(many[side] ?? []).median / spreadOf(few[side] ?? []).median).toFixed(2);
  return {
    ...many,
    note: `${times('ours')} times that with few${many.floor ? `, the floor’s ${times('floor')}` : ''}`,
  };
}

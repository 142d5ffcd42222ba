/**
 * What a job, a poll, a caller that waits and an idle minute cost in storage transactions: counted by a proxy between each host, its
 * app included, and its storage. Beside it the floor, and what the page on cost has of Durable Functions.
 */
import counts from '../cost/counts.json' with { type: 'json' };
import type { Bench, BenchContext } from './bench.ts';
import { betweenSweeps } from './between-sweeps.ts';
import { type Calls, type Cost, callList } from './call-list.ts';
import { type CountedSide, withCountedSides } from './counted-sides.ts';
import type { Figure } from './figure.ts';
import { idleMinute } from './idle-minute.ts';
import { type Ask, askOnce } from './load.ts';
import { type StartedJob, startJob } from './start-job.ts';
import { putSucceededJob } from './stored-job.ts';

const LONG_SECONDS = 12;
const WAIT_SECONDS = 8;
/** More than the longest job here takes with its start and its delivery. */
const LONGEST_JOB_MS = 1000 * (LONG_SECONDS + 8);

export const transactions: Bench = {
  name: 'transactions',
  title: 'Storage transactions, without Get Messages but in the idle minute',
  run: (context) =>
    withCountedSides(context, async ({ ours, floor }) => {
      const figures = [...(await jobs(context, ours, floor)), ...(await polls(context, ours, floor))];
      if (!context.isQuick) figures.push(await idle(context, ours, floor));
      return figures;
    }),
};

const durableCalls = (of: 'job' | 'poll') =>
  Object.entries(counts.durable[of])
    .filter(([name]) => name !== 'Get Messages')
    .reduce((sum, [, count]) => sum + count, 0);

async function jobs(
  { isQuick, say }: BenchContext,
  ours: CountedSide,
  floor: CountedSide,
): Promise<Figure[]> {
  const cost = (side: CountedSide, what: string, ask: Ask, deletes = 1) => {
    say(what);
    return side.cost(() => askOnce(ask), deletes);
  };
  const start = (job?: StartedJob) => startJob(ours.host.url, job);
  // What is made at the first start is not the job's.
  for (const side of [ours, floor]) await cost(side, 'first job', startJob(side.host.url));
  const short = await cost(ours, 'short job', start());
  const shortFloor = await cost(floor, 'short job, floor', startJob(floor.host.url));
  const fast = await cost(ours, 'fast path', start({ query: '?wait=30', expects: 303 }));
  const again = await cost(
    ours,
    'retry',
    start({ request: { seconds: 0, outcome: 'throw', succeedOnAttempt: 2 } }),
    2,
  );
  const workflow = await cost(ours, 'workflow', start({ operation: 'delay-workflow' }));
  const figures = [
    figure('short job', short, { floor: shortFloor.sum, durable: durableCalls('job') }),
    figure('the same, its caller waiting (fast path)', fast),
    figure('a retry, more', { sum: again.sum - short.sum, calls: without(again.calls, short.calls) }),
    figure(
      'workflow of three activities',
      workflow,
      {},
      ' The engine’s own, with three activities, are not among them',
    ),
  ];
  if (isQuick) return figures;
  await betweenSweeps(LONGEST_JOB_MS);
  const long = await cost(ours, 'long job', start({ request: { seconds: LONG_SECONDS } }));
  await betweenSweeps(LONGEST_JOB_MS);
  const told = await cost(
    ours,
    'progress',
    start({ request: { seconds: LONG_SECONDS, steps: LONG_SECONDS } }),
  );
  await betweenSweeps(LONGEST_JOB_MS);
  const waited = await cost(
    ours,
    'waiting',
    start({ request: { seconds: WAIT_SECONDS }, query: '?wait=30', expects: 303 }),
  );
  const looks = { 'Get Blob Properties': waited.calls['Get Blob Properties'] ?? 0 };
  return [
    ...figures,
    figure(`job of ${LONG_SECONDS} s`, long),
    figure(`job of ${LONG_SECONDS} s with progress every second`, told),
    figure(`a caller who waits ${WAIT_SECONDS} s, more`, { sum: looks['Get Blob Properties'], calls: looks }),
  ];
}

async function polls({ say }: BenchContext, ours: CountedSide, floor: CountedSide): Promise<Figure[]> {
  say('polls');
  const cost = async (side: CountedSide) => {
    const path = await putSucceededJob(side);
    return await side.cost(() => askOnce({ method: 'GET', url: `${side.host.url}${path}`, expects: 302 }), 0);
  };
  return [
    figure('poll', await cost(ours), { floor: (await cost(floor)).sum, durable: durableCalls('poll') }),
  ];
}

async function idle({ say }: BenchContext, ours: CountedSide, floor: CountedSide): Promise<Figure> {
  say('an idle minute');
  await idleMinute(ours.proxy, floor.proxy);
  return figure(
    'idle minute',
    { sum: ours.proxy.count(), calls: ours.proxy.tally() },
    { floor: floor.proxy.count(), durable: [42, 48] },
  );
}

function without(calls: Calls, fewer: Calls): Calls {
  return Object.fromEntries(
    Object.entries(calls)
      .map(([name, count]) => [name, count - (fewer[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}

function figure(
  name: string,
  { sum, calls }: Cost,
  beside: { floor?: number; durable?: number | readonly number[] } = {},
  more = '',
): Figure {
  return {
    name,
    unit: 'calls',
    ours: [sum],
    ...(beside.floor !== undefined && { floor: [beside.floor] }),
    ...(beside.durable !== undefined && { durable: [beside.durable].flat() }),
    note: `${callList(calls)}${more}`,
  };
}

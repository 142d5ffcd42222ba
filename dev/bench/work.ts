/** How many short jobs one host works off a second: a backlog is put while the host is stopped, and drained when it goes on. */
import type { Bench, BenchContext } from './bench.ts';
import { cpuFigures, cpuTimeMs } from './cpu-time.ts';
import type { Figure } from './figure.ts';
import { each, inTurns } from './rounds.ts';
import { type Side, type Sides, withSides } from './sides.ts';
import { putPendingJobs } from './stored-job.ts';

const ROUNDS = 7;
const JOBS = 300;
const WARM_UP_JOBS = 900;

export const work: Bench = {
  name: 'work',
  title: 'Short jobs worked off: Get Messages, Get Blob, Put Blob, Delete Message',
  run: (context) => withSides(context, {}, (sides) => measure(context, sides)),
};

async function measure({ isQuick }: BenchContext, sides: Sides): Promise<readonly Figure[]> {
  const [rounds, jobs, warmUpJobs] = isQuick ? [1, 40, 40] : [ROUNDS, JOBS, WARM_UP_JOBS];
  await inTurns(sides, 1, (side) => drain(side, warmUpJobs));
  const measured = await inTurns(sides, rounds, (side) => drain(side, jobs));
  const name = `${jobs} short jobs, one host`;
  // The clock runs from the first job's end, so that job is not among them.
  const rates = each(measured, ({ seconds }) => (jobs - 1) / seconds);
  return [{ name, unit: 'jobs/s', ...rates }, ...cpuFigures(name, measured)];
}

/** `seconds` from the first job's end to the last one's; `cpuMs` of the worker, for one job. */
async function drain({ host, ...side }: Side, jobs: number): Promise<{ seconds: number; cpuMs: number }> {
  host.pause();
  await putPendingJobs(side, jobs);
  const beforeMs = cpuTimeMs(host.workerPid);
  host.resume();
  const seconds = await host.counted('run-job', jobs);
  return { seconds, cpuMs: (cpuTimeMs(host.workerPid) - beforeMs) / jobs };
}

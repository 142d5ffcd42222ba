/** How many short jobs one host works off a second: a backlog is put while the host is stopped, and drained when it goes on. */
import type { Bench, BenchContext } from './bench.ts';
import { each, inTurns } from './rounds.ts';
import { type Side, withSides } from './sides.ts';
import { putPendingJobs } from './stored-job.ts';

const ROUNDS = 7;
const JOBS = 300;
const WARM_UP_JOBS = 900;

export const work: Bench = {
  name: 'work',
  title: 'Short jobs worked off: Get Messages, Get Blob, Put Blob, Delete Message',
  run: (context) => withSides(context, {}, (sides) => measure(context, sides)),
};

async function measure({ isQuick }: BenchContext, sides: Parameters<typeof inTurns>[0]) {
  const [rounds, jobs, warmUpJobs] = isQuick ? [1, 40, 40] : [ROUNDS, JOBS, WARM_UP_JOBS];
  await inTurns(sides, 1, (side) => drain(side, warmUpJobs));
  const seconds = await inTurns(sides, rounds, (side) => drain(side, jobs));
  // The clock runs from the first job's end, so that job is not among them.
  const rates = each(seconds, (took) => (jobs - 1) / took);
  return [{ name: `${jobs} short jobs, one host`, unit: 'jobs/s', ...rates }];
}

/** Seconds from the first job's end to the last one's. */
async function drain(side: Side, jobs: number): Promise<number> {
  side.host.pause();
  await putPendingJobs(side, jobs);
  side.host.resume();
  return await side.host.counted('run-job', jobs);
}

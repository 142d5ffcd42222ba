/** What jobs cost that one or more hosts share: each by itself, and a backlog. */
import { tallyOf } from '../storage-proxy.ts';
import type { StorageCall } from '../storage-relay.ts';
import type { AppHosts } from './app-hosts.ts';
import { type Cost, callList, costOf } from './call-list.ts';
import { cpuTimeMs } from './cpu-time.ts';
import type { Figure } from './figure.ts';
import { askOnce } from './load.ts';
import { untilDeleted, untilQuiet } from './quiet.ts';
import { startJob } from './start-job.ts';
import { type PendingJobs, putPendingJobs, storedJobs } from './stored-job.ts';

const CONFLICTS = new Set([409, 412]);

export interface WorkedOff {
  /** Of one job. */
  readonly cost: Cost;
  readonly jobsPerSecond: number;
  /** Of all workers together, for one job. */
  readonly cpuMs: number;
  /** Calls that lost a condition. */
  readonly conflicts: number;
}

/** A backlog is put, and worked off by all hosts together. */
export async function workOff(
  { hosts, proxy, looks, storage, isQuick, holdAll }: AppHosts,
  jobs: number,
  pending: PendingJobs = {},
): Promise<WorkedOff> {
  await holdAll();
  await putPendingJobs(storage, jobs, pending);
  const cpu = () => hosts.reduce((sum, { workerPid }) => sum + cpuTimeMs(workerPid), 0);
  const beforeMs = cpu();
  looks.reset();
  const beganMs = performance.now();
  looks.letPass(Number.POSITIVE_INFINITY);
  const endedMs = await untilDeleted(proxy, jobs);
  // A job that was put again has more messages than one: the number of those deleted does not say that all are done.
  do await untilQuiet(proxy, isQuick);
  while ((await storedJobs(storage)).some(({ state }) => state === 'Pending'));
  const calls = proxy.calls.filter(isOfJob);
  return {
    cost: costOf(tallyOf(calls), jobs),
    jobsPerSecond: (jobs * 1000) / (endedMs - beganMs),
    cpuMs: (cpu() - beforeMs) / jobs,
    conflicts: calls.filter(({ status }) => CONFLICTS.has(status ?? 0)).length,
  };
}

/** Of one job: each operation is started on each host, one after the other, and worked off by whoever looks first. */
export async function startEach(
  { hosts, proxy, looks, isQuick }: AppHosts,
  operations: readonly string[],
): Promise<Cost> {
  const jobs = hosts.length * operations.length;
  looks.reset();
  for (const operation of operations) {
    for (const { url } of hosts) {
      await askOnce(startJob(url, { operation }));
    }
  }
  await untilDeleted(proxy, jobs);
  await untilQuiet(proxy, isQuick);
  return costOf(tallyOf(proxy.calls.filter(isOfJob)), jobs);
}

/** @param rounds with none that warms up */
export function workedOffFigures(by: string, alone: Cost, rounds: readonly WorkedOff[]): readonly Figure[] {
  const each = (pick: (round: WorkedOff) => number) => rounds.map(pick);
  const calls = rounds.at(-1)?.cost.calls ?? {};
  return [
    { name: `short job, ${by}`, unit: 'calls', ours: [alone.sum], note: callList(alone.calls) },
    {
      name: `one of a backlog, worked off, ${by}`,
      unit: 'calls',
      ours: each(({ cost }) => cost.sum),
      note: callList(calls),
    },
    { name: `answers 409 and 412 meanwhile, ${by}`, unit: 'calls', ours: each(({ conflicts }) => conflicts) },
    { name: `the workers’ processor time for one, ${by}`, unit: 'ms', ours: each(({ cpuMs }) => cpuMs) },
    { name: `worked off, ${by}`, unit: 'jobs/s', ours: each(({ jobsPerSecond }) => jobsPerSecond) },
  ];
}

/** What the sweep and the host's start call beside is not a job's. */
function isOfJob({ path }: StorageCall): boolean {
  return /^\/[^/]+\/(jobs\/|job-requests)/.test(path);
}

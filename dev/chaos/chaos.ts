/**
 * Hosts that are killed and paused, storage that fails, clocks that are off, clients that do as they like: and at the end
 * every job is where section 2 of docs/design.md says it must be. What happens is chosen from a seed; see schedule.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import type { Azurite } from '../azurite.ts';
import { buildApp } from '../build.ts';
import { startStorageProxy } from '../storage-proxy.ts';
import { askAnyOf } from './ask.ts';
import { playClient } from './client.ts';
import { checkAtTheEnd } from './final-checks.ts';
import type { Finding } from './finding.ts';
import type { KnownJob } from './heard.ts';
import { startHost } from './hosts.ts';
import { jobLedger } from './job-ledger.ts';
import { mishaps } from './mishaps.ts';
import { randomFrom } from './random.ts';
import { type ScheduleSize, scheduleFrom } from './schedule.ts';

export interface ChaosOptions extends ScheduleSize {
  readonly azurite: Pick<Azurite, 'blobPort' | 'queuePort' | 'connectionString'>;
  /** No further job is started after so long: what has happened by then is the run. Default: all are. */
  readonly startsForSeconds?: number | undefined;
  /** How many clients there are at a time. */
  readonly clients: number;
  readonly pollMs: number;
  /** What a host's message is invisible for when it has died; 600 in life. */
  readonly messageVisibilitySeconds: number;
  /** Makes time pass for storage, leases and messages: by waiting, or by moving its clock. */
  readonly pass: (seconds: number) => Promise<void>;
  /** For all jobs to end, once nothing goes wrong any more. */
  readonly settleSeconds: number;
  /** Asks for the jobs that nobody asks for, where the sweep would take too long. */
  readonly asksForAll: boolean;
  readonly say: (line: string) => void;
  readonly onProcess?: (pid: number) => void;
}

export interface ChaosReport {
  readonly size: ScheduleSize;
  readonly findings: readonly Finding[];
  readonly accepted: number;
  /** By state, at the end; jobs of starts whose answer was not heard included. */
  readonly states: Readonly<Record<string, number>>;
  readonly gone: number;
  readonly mishaps: Readonly<Record<string, number>>;
  readonly faultyCalls: number;
  readonly storageCalls: number;
  /** Executions, by job, as the log has them: what a host wrote in its last moment is lost. */
  readonly executions: readonly number[];
  readonly runSeconds: number;
  readonly settledInSeconds: number;
}

const PROGRESS_MS = 15_000;

/** Runs one schedule to its end. Everything it starts has ended when it resolves or throws. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const { azurite, say } = options;
  const schedule = scheduleFrom(options);
  const findings: Finding[] = [];
  const report = (what: Finding['what'], ref: string, detail: string) => {
    findings.push({ what, ref, detail });
    say(`FOUND ${what}: ${ref} ${detail}`);
  };
  const ledger = jobLedger(report);
  const log = readLog(report);
  const known = new Map<string, KnownJob>();
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const proxy = await startStorageProxy(azurite, ledger.observe);
  const jobs = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('jobs');
  const skews = schedule.skewsSeconds.values();
  const entry = buildApp({ outFile: join(folder, 'app.cjs') });
  const hosts = Array.from({ length: options.hosts }, () =>
    startHost({
      entry,
      connectionString: proxy.connectionString,
      messageVisibilitySeconds: options.messageVisibilitySeconds,
      nextSkewSeconds: () => skews.next().value ?? 0,
      onLog: log.read,
      ...(options.onProcess && { onProcess: options.onProcess }),
    }),
  );
  const ask = askAnyOf(hosts, randomFrom(options.seed));
  const wrong = mishaps(proxy, hosts, options.pass);
  const ticker = setInterval(() => say(progress()), PROGRESS_MS);
  let started = 0;
  const progress = () => {
    const ended = [...known.values()].filter(({ witness }) => witness.end !== undefined).length;
    return `${seconds(began)} s: ${started} started, ${known.size} accepted, ${ended} seen to end, ${wrong.faultyCalls} faulty calls, ${proxy.calls.length} storage calls, ${JSON.stringify(wrong.counts)}`;
  };
  const began = performance.now();
  try {
    await Promise.all(hosts.map((host) => host.up()));
    // One at a time: a schedule that has lost its order cannot be played again.
    let turn = Promise.resolve();
    const afterStart = (index: number) => {
      turn = turn.then(async () => {
        for (const mishap of schedule.mishaps.get(index) ?? []) await wrong.happen(mishap);
      });
      return turn;
    };
    const left = schedule.jobs.values();
    const client = async () => {
      for (const plan of left) {
        if (seconds(began) >= (options.startsForSeconds ?? Number.POSITIVE_INFINITY)) return;
        started += 1;
        await afterStart(plan.index);
        await playClient(plan, {
          ask,
          report,
          pollMs: options.pollMs,
          onAccepted: (job) => known.set(job.witness.ref, job),
        });
      }
    };
    await Promise.all(Array.from({ length: options.clients }, client));
    await wrong.end();
    say(progress());
    const calmAt = performance.now();
    await settle(jobs, options, ask);
    const settledInSeconds = seconds(calmAt);
    const states = await checkAtTheEnd({ ask, jobs, ledger, known, report });
    ledger.close();
    const gone = [...known.values()].filter(({ witness }) => witness.end?.state === 'gone').length;
    return {
      size: options,
      findings,
      accepted: known.size,
      states,
      gone,
      mishaps: wrong.counts,
      faultyCalls: wrong.faultyCalls,
      storageCalls: proxy.calls.length,
      executions: [...log.executions.values()],
      runSeconds: seconds(began),
      settledInSeconds,
    };
  } finally {
    clearInterval(ticker);
    await Promise.all(hosts.map((host) => host.stop()));
    await proxy.stop();
    rmSync(folder, { recursive: true });
  }
}

const seconds = (since: number) => Math.round((performance.now() - since) / 1000);

/** Until no job is pending, or the time is over. */
async function settle(
  jobs: ContainerClient,
  { settleSeconds, asksForAll, pass }: ChaosOptions,
  ask: ReturnType<typeof askAnyOf>,
): Promise<void> {
  const deadline = performance.now() + settleSeconds * 1000;
  while (performance.now() < deadline) {
    const pending: string[] = [];
    for await (const { name, metadata } of jobs.listBlobsFlat({ includeMetadata: true })) {
      if (metadata?.state === 'Pending') pending.push(name);
    }
    if (pending.length === 0) return;
    if (asksForAll) await Promise.all(pending.map((ref) => ask(`/api/operator/jobs/${ref}`)));
    await Promise.all([pass(5), sleep(500)]);
  }
}

/** Counts what was executed, and finds what no fault of storage explains. */
function readLog(report: (what: Finding['what'], ref: string, detail: string) => void) {
  const executions = new Map<string, number>();
  const succeeded = new Set<string>();
  return {
    executions,
    read(line: string): void {
      const [, event, ref = ''] = /^(attempt started|job succeeded) \{"ref":"([\w-]{43})"/.exec(line) ?? [];
      if (event === 'attempt started') executions.set(ref, (executions.get(ref) ?? 0) + 1);
      if (event === 'job succeeded') {
        if (succeeded.has(ref)) report('published twice', ref, 'by the log');
        succeeded.add(ref);
      }
      if (/^request failed|uncaught|unhandled/i.test(line)) report('unexplained', '', line.slice(0, 600));
    },
  };
}

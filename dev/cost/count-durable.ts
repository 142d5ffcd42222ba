/**
 * `npm run cost:durable` (needs the .NET SDK): counts what Durable Functions' engine asks of storage for an orchestration of
 * one activity, on Azurite, whose log has every request. Ends with 1 where counts.json says otherwise.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { emulatorAccount, emulatorConnectionString } from '../azurite.ts';
import counts from './counts.json' with { type: 'json' };

const JOBS = 10;
/** After a job has ended its last writes and deletes follow. */
const SETTLE_MS = 5000;
/** The engine spreads its partitions over its workers first. */
const START_MS = 15_000;
const IDLE_MS = 60_000;
const [BLOB_PORT, QUEUE_PORT, TABLE_PORT] = [24_810, 24_811, 24_812];
const PROGRAM = join(import.meta.dirname, 'durable', 'durable.csproj');
const BUILT = join(import.meta.dirname, '..', '..', '.cache', 'durable', 'bin');

type Program = ChildProcessByStdio<Writable, Readable, null>;

const built = spawnSync('dotnet', ['build', PROGRAM, '-c', 'Release', '-o', BUILT, '-v', 'q', '--nologo'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (built.status !== 0) throw new Error('dotnet build failed: is the .NET SDK installed?');

/** Requests since the last look, as `METHOD path`. */
let requests: string[] = [];
const azurite = await startLoggingAzurite();
const connection = emulatorConnectionString(emulatorAccount, {
  blob: BLOB_PORT,
  queue: QUEUE_PORT,
  table: TABLE_PORT,
});
const program: Program = spawn('dotnet', [join(BUILT, 'durable.dll')], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: { ...process.env, STORAGE: connection },
});
try {
  const answers = createInterface({ input: program.stdout });
  await answer(answers, 'ready');
  await sleep(START_MS);
  requests = [];
  await sleep(IDLE_MS);
  const idle = requests.length;
  requests = [];
  for (let i = 0; i < JOBS; i += 1) await ask(answers, 'job');
  await sleep(SETTLE_MS);
  const job = tally(requests.filter(belongsToJob), JOBS);
  requests = [];
  await ask(answers, 'poll');
  await sleep(SETTLE_MS);
  const poll = tally(requests.filter(belongsToJob), 1);
  console.log({ 'a job': job, 'a poll': poll, 'an idle minute': idle });
  // A dequeue brings one message or many, and finds none whenever there is none.
  const { 'Get Messages': _, ...expected } = counts.durable.job;
  const holds = same(job, expected) && same(poll, counts.durable.poll);
  console.log(holds ? 'counts.json says the same.' : `counts.json says ${JSON.stringify(counts.durable)}`);
  process.exitCode = holds ? 0 : 1;
} finally {
  program.kill();
  azurite.kill();
}

async function startLoggingAzurite() {
  const entry = createRequire(import.meta.filename).resolve('azurite/dist/src/azurite.js');
  const ports = { blob: BLOB_PORT, queue: QUEUE_PORT, table: TABLE_PORT };
  const child = spawn(
    process.execPath,
    [
      entry,
      '--inMemoryPersistence',
      '--skipApiVersionCheck',
      '--disableProductStyleUrl',
      '--disableTelemetry',
      ...Object.entries(ports).flatMap(([name, port]) => [
        `--${name}Port`,
        String(port),
        `--${name}Host`,
        '127.0.0.1',
      ]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const request = /"([A-Z]+) (\S+) HTTP/.exec(line);
    if (request !== null) requests.push(`${request[1]} ${request[2]}`);
  });
  for (let service = 0; service < 3; ) {
    const [line] = await once(lines, 'line');
    if (String(line).includes('successfully listening')) service += 1;
  }
  return child;
}

async function ask(answers: Interface, command: string): Promise<void> {
  program.stdin.write(`${command}\n`);
  await answer(answers, command);
}

async function answer(answers: Interface, wanted: string): Promise<void> {
  for (;;) {
    const [line] = await once(answers, 'line');
    if (line === wanted) return;
  }
}

/** Not the looks into empty queues, and not the sharing out of partitions, which go on whether there are jobs or not. */
function belongsToJob(request: string): boolean {
  return !/^GET \S+\/messages\?|Partitions|-applease/.test(request);
}

function tally(made: readonly string[], jobs: number): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const request of made) {
    const name = operationOf(request);
    counted[name] = (counted[name] ?? 0) + 1 / jobs;
  }
  return Object.fromEntries(
    Object.entries(counted).map(([name, count]) => [name, Math.round(count * 100) / 100]),
  );
}

function operationOf(request: string): string {
  if (/^POST \S+\/messages/.test(request)) return 'Put Message';
  if (/^DELETE \S+\/messages\//.test(request)) return 'Delete Message';
  return /Counted(Instances|History)|\$batch/.test(request) ? 'Table' : request;
}

function same(one: object, other: object): boolean {
  const sorted = (object: object) => JSON.stringify(Object.entries(object).sort());
  return sorted(one) === sorted(other);
}

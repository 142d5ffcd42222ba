import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { unzip } from '../operations/image-renditions/support/unzip.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/is-alive.ts';
import { describeOn, testOn } from '../support/platform.ts';
import { trackProcess } from '../support/processes.ts';

const LIMIT_MS = 120_000;

interface Demo {
  readonly process: ChildProcess;
  /** What it has written so far. */
  readonly output: () => string;
  readonly errors: Promise<string>;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
}

/** Runs it as `npm run demo` does, in a folder of its own. Nothing of it is a terminal. */
async function startDemo(folder: string, ...options: string[]): Promise<Demo> {
  const child = spawn(process.execPath, [resolve('dev/demo.ts'), ...options], {
    cwd: folder,
    // jest sets FORCE_COLOR in its workers.
    env: { ...process.env, FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await trackProcess(child.pid ?? 0, 'the demo');
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    written += part;
  });
  return {
    process: child,
    output: () => written,
    errors: text(child.stderr),
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}

/** The processes that a process has started, theirs included. */
function descendantsOf(pid: number): readonly number[] {
  const pairs = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const childrenOf = (parent: number): number[] =>
    pairs.flatMap(([child = 0, its]) => (its === parent ? [child, ...childrenOf(child)] : []));
  return childrenOf(pid);
}

/** The one of these processes that is Azurite. */
function azuriteAmong(pids: readonly number[]): number {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '-p', pids.join(',')], { encoding: 'utf8' });
  return Number(/^ *(\d+) .*azurite/m.exec(lines)?.[1]);
}

async function startedProcesses(demo: Demo, sign: RegExp): Promise<readonly number[]> {
  await eventually(() => sign.test(demo.output()) || demo.process.exitCode !== null, { timeoutMs: LIMIT_MS });
  const started = descendantsOf(demo.process.pid ?? 0);
  for (const pid of started) await trackProcess(pid, 'started by the demo');
  return started;
}

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'demo-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describeOn('posix', 'ps tells what it has started', 'the demo', () => {
  let folder: string;
  let output: string;
  let errors: string;
  let code: number | null;
  let started: readonly number[];

  beforeAll(async () => {
    folder = newFolder();
    const demo = await startDemo(folder);
    started = await startedProcesses(demo, /^1\. Start a job/m);
    code = await demo.ended;
    output = demo.output();
    errors = await demo.errors;
  }, LIMIT_MS);

  test('ends with exit code 0 and nothing to complain of', () => {
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });

  test('sends at least 5 MB of CSV', () => {
    const [, length] =
      /> POST \/api\/operations\/csv-profile\n.*\n\s+> Content-Length: (\d+)\n/.exec(output) ?? [];
    expect(Number(length)).toBeGreaterThanOrEqual(5_000_000);
  });

  test.each([
    [
      'the acceptance',
      /< 202 Accepted .*\n\s+< Location: (http:\S+\/api\/jobs\/[\w-]{22})\n\s+< Retry-After: [1-9]/,
    ],
    [
      'a poll that comes too early',
      /> GET (\/api\/jobs\/[\w-]{22})\n\s+< 202 Accepted {3}Retry-After: [1-9]\d* {3}status: \w+/,
    ],
    ['the redirect', /> GET \/api\/jobs\/[\w-]{22}\n\s+< 302 Found\n\s+< Location: http:\S+\/jobs\/\S+sig=/],
    ['the reply', /> GET http:\S+sig=…\n\s+< 200 OK\n\s+< Content-Type: application\/json\n/],
    [
      'the table',
      /^ {3}column +type +nulls +distinct +min +mean +max\n {3}\S.*? +(integer|number|string|date|boolean) /m,
    ],
  ])('shows %s', (_, lines) => {
    expect(output).toMatch(lines);
  });

  test('shows the steps in their order', () => {
    const steps = ['202 Accepted', 'Retry-After:', '302 Found', '200 OK', 'column ', '?format=html'];
    const places = steps.map((step) => output.indexOf(step));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  test('keeps to plain lines of at most 80 characters without a terminal', () => {
    expect(output.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stripVTControlCharacters(output)).toBe(output);
    expect(output).not.toMatch(/[\r█]/);
  });

  test('shows no URL that would open a reply', () => {
    expect(output).not.toMatch(/sig=[^…]/);
  });

  test('saves the report that it names', () => {
    const [, file] = /^The report is in (\S+):/m.exec(output) ?? [];
    const report = readFileSync(join(folder, file ?? 'not named'), 'utf8');
    expect(report).toMatch(/^<!doctype html>/i);
    expect(report).toContain('<svg');
  });

  test('leaves no process behind', async () => {
    expect(started.length).toBeGreaterThanOrEqual(2);
    await eventually(() => !started.some(isAlive));
  });
});

test(
  'with --image it shows a workflow: what each activity rendered, beside the polls, and the zip',
  async () => {
    const folder = newFolder();
    // The image library is not in the bundle; in the repository it is found from there.
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
    const demo = await startDemo(folder, '--image');
    expect({ code: await demo.ended, errors: await demo.errors }).toEqual({ code: 0, errors: '' });
    const output = demo.output();
    const rendered = output.match(/^ {3}\* rendered \d+\.(?:webp|avif|jpg), \d+ bytes$/gm) ?? [];
    expect(new Set(rendered).size).toBe(9);
    expect(output.indexOf(rendered[0] ?? '')).toBeLessThan(output.indexOf('302 Found'));
    expect(output.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const zip = await unzip(readFileSync(join(folder, '.demo', 'renditions.zip')));
    expect(zip.map(({ name }) => name)).toEqual([
      'manifest.json',
      ...[320, 640, 1280].flatMap((width) => ['webp', 'avif', 'jpg'].map((ending) => `${width}.${ending}`)),
    ]);
  },
  LIMIT_MS,
);

test.each([
  [['--image', 'nowhere.jpg'], /^nowhere\.jpg cannot be read: ENOENT/],
  [['--imagine'], /^npm run demo takes no option, or --image FILE/],
  [['image.jpg'], /^npm run demo takes no option, or --image FILE/],
])('%j is refused in a sentence', async (options, sentence) => {
  const demo = await startDemo(newFolder(), ...options);
  expect(await demo.ended).toBe(1);
  expect(await demo.errors).toMatch(sentence);
  expect(demo.output()).toBe('');
});

testOn(
  'posix',
  'Windows has no signals',
  'Ctrl-C ends the demo and everything it started, with exit code 1',
  async () => {
    const demo = await startDemo(newFolder());
    const started = await startedProcesses(demo, /^2\. Poll/m);
    demo.process.kill('SIGINT');
    expect(await demo.ended).toBe(1);
    expect(await demo.errors).toBe('The demo failed: interrupted\n');
    expect(started.length).toBeGreaterThanOrEqual(2);
    await eventually(() => !started.some(isAlive));
  },
  LIMIT_MS,
);

testOn(
  'posix',
  'ps tells what it has started',
  'a failure comes last and with what to do, below what the host said, with exit code 1',
  async () => {
    const demo = await startDemo(newFolder());
    const started = await startedProcesses(demo, /^2\. Poll/m);
    process.kill(azuriteAmong(started), 'SIGKILL');
    expect(await demo.ended).toBe(1);
    const lines = (await demo.errors).trimEnd().split('\n');
    expect(lines[0]).toBe('The host said last:');
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^The demo failed: GET .* answered 503 Service Unavailable, not 202 or 302\. /),
      'npm run dev runs the same app, and shows the whole of its log.',
    ]);
    await eventually(() => !started.some(isAlive));
  },
  LIMIT_MS,
);

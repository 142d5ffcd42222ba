/** `npm start` with a stand-in for `func`, which no npm package brings: what it is given, and how it is missed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { freePorts } from '../support/free-ports.ts';
import { describeOn } from '../support/platform.ts';
import { trackProcess } from '../support/processes.ts';
import { copyRepository, type RepositoryCopy } from '../support/repository-copy.ts';

/** Says what it was given and whether storage answers, then ends by a signal or, without one, with code 3. */
const STAND_IN = `#!${process.execPath}
const { AzureWebJobsStorage, languageWorkers__node__arguments } = process.env;
const blobs = /BlobEndpoint=([^;]+)/.exec(AzureWebJobsStorage)?.[1];
const answers = blobs !== undefined && await fetch(blobs).then(() => true, () => false);
process.on('SIGTERM', async () => {
  console.log(JSON.stringify({ storageAfterSignal: await fetch(blobs).then(() => true, () => false) }));
  process.exit(0);
});
console.log(JSON.stringify({
  args: process.argv.slice(2), cwd: process.cwd(), AzureWebJobsStorage, answers, languageWorkers__node__arguments,
}));
if (process.env.STAND_IN_STAYS) setInterval(() => {}, 1000);
else process.exitCode = 3;
`;

let copy: RepositoryCopy;
let programs: string;
let children: ChildProcess[] = [];

beforeAll(() => {
  copy = copyRepository('start');
  programs = mkdtempSync(join(tmpdir(), 'programs-'));
  mkdirSync(join(programs, 'none'));
  writeFileSync(join(programs, 'package.json'), '{"type":"module"}');
  writeFileSync(join(programs, 'func'), STAND_IN);
  chmodSync(join(programs, 'func'), 0o755);
});
beforeEach(() => rmSync(settingsFile(), { force: true }));
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});
afterAll(() => {
  copy?.remove();
  rmSync(programs, { recursive: true, force: true });
});

const settingsFile = () => join(copy.folder, 'local.settings.json');

async function start(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['dev/start.ts', ...args], {
    cwd: copy.folder,
    env: { ...process.env, AzureWebJobsStorage: undefined, PATH: programs, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  await trackProcess(child.pid ?? 0, 'npm start');
  return child;
}

async function ended(child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }) {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const said = stdout.split('\n').filter((line) => line.startsWith('{'));
  return { code, stdout, stderr, said: said.map((line) => JSON.parse(line)) };
}

test('without func it says how to install it, and leaves nothing behind', async () => {
  const { code, stdout, stderr } = await ended(
    await start([], { PATH: ['', join(programs, 'none')].join(delimiter) }),
  );
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('npm install -g azure-functions-core-tools@4\n');
  expect(stderr).toContain('npm run dev runs the same app without them.\n');
  expect(existsSync(settingsFile())).toBe(false);
});

describeOn('posix', 'there func is no script', 'with func', () => {
  test('makes local.settings.json and storage, and ends as func does', async () => {
    const port = await freePorts(3);
    const options = ['--port', '7999', '--storage-port', String(port), '--auth', '--inspect', '9333'];
    const { code, stdout, stderr, said } = await ended(await start(options));
    expect(stderr).toBe('');
    expect(stdout).toContain('it is now a copy of local.settings.json.example.\n');
    expect(readFileSync(settingsFile(), 'utf8')).toBe(readFileSync('local.settings.json.example', 'utf8'));
    expect(said).toEqual([
      {
        args: ['start', '--port', '7999', '--enableAuth'],
        cwd: expect.stringContaining(copy.folder),
        AzureWebJobsStorage: expect.stringContaining(`QueueEndpoint=http://127.0.0.1:${port + 1}/`),
        answers: true,
        languageWorkers__node__arguments: '--inspect=127.0.0.1:9333',
      },
    ]);
    expect(code).toBe(3);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    expect(existsSync(join(copy.folder, 'dist/main.cjs'))).toBe(true);
  }, 60_000);

  test('leaves local.settings.json as it is, with what only Core Tools know, and the storage that it names', async () => {
    const storage = 'DefaultEndpointsProtocol=https;AccountName=mine;AccountKey=bWluZQ==';
    const settings = JSON.stringify({
      Values: { AzureWebJobsStorage: storage },
      Host: { LocalHttpPort: 7072 },
    });
    writeFileSync(settingsFile(), settings);
    const { said, stdout, stderr } = await ended(await start([]));
    expect(stderr).toBe('');
    expect(readFileSync(settingsFile(), 'utf8')).toBe(settings);
    expect(stdout).toContain('Storage: as AzureWebJobsStorage says.\n');
    expect(said).toMatchObject([{ args: ['start', '--port', '7071'], AzureWebJobsStorage: storage }]);
  }, 60_000);

  test('passes SIGTERM on, and storage is there until func has ended', async () => {
    const port = await freePorts(3);
    const child = await start(['--storage-port', String(port)], { STAND_IN_STAYS: '1' });
    child.stdout.on('data', (chunk) => String(chunk).includes('"args"') && child.kill('SIGTERM'));
    const { code, stderr, said } = await ended(child);
    expect(stderr).toBe('');
    expect(said[1]).toEqual({ storageAfterSignal: true });
    expect(code).toBe(0);
  }, 60_000);
});

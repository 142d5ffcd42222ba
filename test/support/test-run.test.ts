import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isAlive } from './is-alive.ts';
import { trackProcess } from './processes.ts';
import { takeStorageAccount } from './storage-account.ts';
import { startTestRun, URL_VARIABLE } from './test-run.ts';

/** A run inside the run; what is asked for meanwhile is asked of the inner one. */
const outer = process.env[URL_VARIABLE];
let child: ChildProcess;
let pid: number;

beforeEach(async () => {
  child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  await once(child, 'spawn');
  pid = child.pid as number;
});

afterEach(async () => {
  process.env[URL_VARIABLE] = outer;
  if (isAlive(pid)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

test('a process that outlives the tests fails the run, which names it and the file', async () => {
  const run = await startTestRun();
  await trackProcess(pid, 'a forgotten process');
  await expect(run.stop()).rejects.toThrow(`${pid} a forgotten process, started by ${__filename}`);
});

test('a process that has ended does not', async () => {
  const run = await startTestRun();
  await trackProcess(pid, 'a process that ends');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await run.stop();
});

test('the shared Azurite ends with the run', async () => {
  const run = await startTestRun();
  const { blobPort } = await takeStorageAccount();
  await expect(fetch(`http://127.0.0.1:${blobPort}/`)).resolves.toBeDefined();
  await run.stop();
  await expect(fetch(`http://127.0.0.1:${blobPort}/`)).rejects.toThrow();
});

/** The worker process: crashes, time-outs, and how the host and it end. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { workerEnvironment } from '../../../dev/host/app-files.ts';
import { createHostLog } from '../../../dev/host/host-log.ts';
import { startWorkerProcess } from '../../../dev/host/worker-process.ts';
import { eventually } from '../../support/eventually.ts';
import { isAlive } from '../../support/is-alive.ts';
import { describeOn } from '../../support/platform.ts';
import { takeStorageAccount } from '../../support/storage-account.ts';
import { useToyHosts } from './toy-hosts.ts';

const startToyHost = useToyHosts();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A queue with this one message, and the settings that point the toy app at it. */
async function queueWith(message: object): Promise<{ queue: string; settings: Record<string, string> }> {
  const { connectionString } = await takeStorageAccount();
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient('work');
  await queue.create();
  await queue.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
  return { queue: connectionString, settings: { AzureWebJobsWork: connectionString, NO_QUEUE: '' } };
}

async function messagesOf(connectionString: string): Promise<number> {
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient('work');
  return (await queue.getProperties()).approximateMessagesCount ?? 0;
}

describe('a worker that crashes', () => {
  test('is replaced at once; its HTTP client gets an empty 500 and the next one an answer', async () => {
    const { host, logged } = await startToyHost();
    const firstPid = host.workerPid;
    const [crash, other] = await Promise.all([
      fetch(`${host.url}/api/exit`),
      fetch(`${host.url}/api/slow?ms=60000`),
    ]);
    expect([crash.status, await crash.text(), other.status]).toEqual([500, '', 500]);
    expect(await (await fetch(`${host.url}/api/hello`)).text()).toBe('hello');
    expect(host.workerPid).not.toBe(firstPid);
    await logged(/^Executed 'Functions.exit' \(Failed, .*\)\nnode exited with code 3$/);
  });

  test('gives its queue message back', async () => {
    const { settings } = await queueWith({ exit: true });
    const { logged } = await startToyHost({ settings, timings: { secondRestartDelayMs: 0 } });
    const [, second] = await logged(/^message/, 2);
    expect(second).toContain('"dequeueCount":2');
  });

  test('a second time in a row is replaced after a delay, a third time ends the host with code 1', async () => {
    const { host, logged } = await startToyHost({ timings: { secondRestartDelayMs: 600 } });
    await fetch(`${host.url}/api/exit`);
    await fetch(`${host.url}/api/exit`);
    const startedAt = performance.now();
    await fetch(`${host.url}/api/hello`);
    expect(performance.now() - startedAt).toBeGreaterThan(550);
    const lastPid = host.workerPid;
    await fetch(`${host.url}/api/exit`).catch(() => {});
    const reason =
      'Exceeded language worker restart retry count for runtime:node. ' +
      'Shutting down and proactively recycling the Functions Host to recover';
    expect(await host.exited).toEqual({ code: 1, reason });
    await logged(new RegExp(`^${reason}$`));
    expect(isAlive(lastPid)).toBe(false);
    await expect(fetch(host.url)).rejects.toThrow();
  });

  test('before it is told anything more: the invocation fails, and not the host', async () => {
    const entryFile = join(folder, 'empty.cjs');
    await writeFile(entryFile, '');
    const log = createHostLog({}, () => {});
    const environment = workerEnvironment({}, folder);
    const worker = await startWorkerProcess({ appDir: folder, entryFile, environment, log });
    process.kill(worker.pid, 'SIGKILL');
    // Blocks this process: it is not to learn of the end before it sends.
    execFileSync(process.execPath, ['--eval', 'setTimeout(() => {}, 200)']);
    const request = { invocationId: '1', functionName: 'hello', inputData: [], triggerMetadata: {} };
    await expect(worker.invoke(request)).rejects.toThrow('node was ended by SIGKILL');
  });

  test('only crashes close together are in a row', async () => {
    const { host } = await startToyHost({ timings: { crashesInARowMs: 0, secondRestartDelayMs: 60_000 } });
    for (let crash = 0; crash < 4; crash++) await fetch(`${host.url}/api/exit`);
    expect((await fetch(`${host.url}/api/hello`)).status).toBe(200);
  });
});

describe('functionTimeout', () => {
  test('replaces the worker, and every invocation in it ends', async () => {
    const { settings } = await queueWith({ waitMs: 60_000 });
    const { host, logged } = await startToyHost({
      settings,
      hostJson: {
        version: '2.0',
        functionTimeout: '00:00:01',
        extensions: { queues: { visibilityTimeout: '00:00:01' } },
      },
      timings: { timeoutGraceMs: 100 },
    });
    await logged(/^message/);
    const [answer] = await Promise.all([
      fetch(`${host.url}/api/slow?ms=60000`),
      logged(/^Timeout value of 1 s exceeded by function 'Functions.work'/),
      logged(/^Executed 'Functions.work' \(Failed/),
    ]);
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    await logged(/^message.*"dequeueCount":2/);
    expect((await fetch(`${host.url}/api/hello`)).status).toBe(200);
  }, 15_000);

  test('does not count as a crash', async () => {
    const { host } = await startToyHost({
      hostJson: { version: '2.0', functionTimeout: '00:00:00.2' },
      timings: { timeoutGraceMs: 0, secondRestartDelayMs: 60_000 },
    });
    for (let index = 0; index < 4; index++) {
      expect((await fetch(`${host.url}/api/slow?ms=60000`)).status).toBe(500);
    }
    expect((await fetch(`${host.url}/api/hello`)).status).toBe(200);
  }, 15_000);
});

describe('stop', () => {
  test('takes nothing new, lets handlers end, deletes their messages, runs appTerminate, leaves no process', async () => {
    const { queue, settings } = await queueWith({ waitMs: 1_000 });
    const terminateFile = join(folder, 'terminated');
    const { host, lines, logged } = await startToyHost({
      settings: { ...settings, TERMINATE_FILE: terminateFile },
    });
    const pid = host.workerPid;
    const slow = fetch(`${host.url}/api/slow?ms=1000`);
    await Promise.all([logged(/^slow began/), logged(/^message/)]);
    const stopped = host.stop();
    await expect(fetch(`${host.url}/api/hello`)).rejects.toThrow();
    expect(existsSync(terminateFile)).toBe(false);
    expect(await (await slow).text()).toBe('slow');
    await stopped;
    expect(await host.exited).toEqual({ code: 0, reason: 'stopped' });
    expect(lines.filter((line) => /^Executed .*Succeeded/.test(line))).toHaveLength(2);
    expect(await messagesOf(queue)).toBe(0);
    expect(await readFile(terminateFile, 'utf8')).toBe('appTerminate');
    expect(isAlive(pid)).toBe(false);
  });

  test('gives up what takes too long: the client is cut off, the message stays, appTerminate still runs', async () => {
    const { queue, settings } = await queueWith({ waitMs: 60_000 });
    const terminateFile = join(folder, 'terminated');
    const { host, logged } = await startToyHost({
      settings: { ...settings, TERMINATE_FILE: terminateFile },
      timings: { drainMs: 300 },
    });
    const pid = host.workerPid;
    const slow = fetch(`${host.url}/api/slow?ms=60000`).then(
      () => 'answered',
      () => 'cut off',
    );
    await Promise.all([logged(/^slow began/), logged(/^message/)]);
    await host.stop();
    expect(await slow).toBe('cut off');
    expect(await messagesOf(queue)).toBe(1);
    expect(await readFile(terminateFile, 'utf8')).toBe('appTerminate');
    expect(isAlive(pid)).toBe(false);
  });

  test.each([
    ['has asked nothing', ''],
    ['is in the middle of asking', 'GET /api/hel'],
  ])(
    'does not wait for a connection that %s',
    async (_, bytes) => {
      const { host } = await startToyHost();
      const socket = connect(Number(new URL(host.url).port), '127.0.0.1');
      await once(socket, 'connect');
      const closed = once(
        socket.on('error', () => {}),
        'close',
      );
      socket.write(bytes);
      // Connections are taken in their order: the host knows of the first.
      await (await fetch(`${host.url}/api/hello`)).text();
      await Promise.all([host.stop(), closed]);
    },
    20_000,
  );

  test('twice is once', async () => {
    const { host } = await startToyHost();
    await Promise.all([host.stop(), host.stop()]);
    expect(await host.exited).toEqual({ code: 0, reason: 'stopped' });
  });
});

test('kill is a crash of the machine: no appTerminate, the client is cut off, the worker is gone', async () => {
  const terminateFile = join(folder, 'terminated');
  const { host, logged } = await startToyHost({ settings: { TERMINATE_FILE: terminateFile } });
  const pid = host.workerPid;
  const slow = fetch(`${host.url}/api/slow?ms=60000`);
  const cut = expect(slow).rejects.toThrow();
  await logged(/^slow began/);
  await host.kill();
  await cut;
  expect(await host.exited).toEqual({ code: 137, reason: 'killed' });
  expect([isAlive(pid), existsSync(terminateFile)]).toEqual([false, false]);
});

describeOn('linux', 'it reads /proc', 'a start that fails', () => {
  const children = async () =>
    (await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8'))
      .trim()
      .split(' ')
      .filter(Boolean);

  test.each([
    ['the app throws', { THROW_AT_START: '1' }, {}, /unable to load entry point .*Error: cannot start/s],
    [
      'the app ends the process',
      { EXIT_AT_START: '1' },
      {},
      /unable to load entry point .*node exited with code 5/,
    ],
    [
      'an unknown trigger',
      { BLOB: '1' },
      {},
      "Function 'blob': the local host has no 'blobTrigger' trigger.",
    ],
    ['an output binding', { OUTPUT: '1' }, {}, "Function 'output': the local host has no 'queue' binding."],
    [
      'a retry policy',
      { RETRY: '1' },
      {},
      "Function 'retry': the local host does not run a trigger's retry policy.",
    ],
    [
      'a missing app setting',
      { MISSING: '1' },
      {},
      "Function 'missing': its trigger names the app setting 'NOT_SET', which is not set.",
    ],
    ['a bad schedule', { BAD_TIMER: '1' }, {}, /^Function 'bad': the schedule '0 5' wants six fields:/],
    [
      'a bad body limit',
      { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: 'x' },
      {},
      "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is 'x'; it wants a number of bytes.",
    ],
    [
      'HTTP without streams',
      { NO_STREAMS: '1' },
      {},
      /the local host wants app.setup\({ enableHttpStream: true }\)/,
    ],
    ['no entry point', {}, { entry: 'none.cjs' }, /none.cjs does not exist: build the app first.$/],
  ])('because of %s says so and leaves no process', async (_, settings, options, message) => {
    const before = await children();
    await expect(startToyHost({ settings: settings as Record<string, string>, ...options })).rejects.toThrow(
      message,
    );
    await eventually(async () => (await children()).length <= before.length);
  });

  test('because of a busy port names it', async () => {
    const { host } = await startToyHost();
    const port = Number(new URL(host.url).port);
    await expect(startToyHost({ port })).rejects.toThrow(`Port ${port} is in use`);
  });
});

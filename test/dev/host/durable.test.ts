/** The local host's workflow engine, under the real library: its replay, its actions, its client. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { LocalHostOptions } from '../../../dev/host/local-host.ts';
import { eventually } from '../../support/eventually.ts';
import { type ToyHost, useToyHosts } from './toy-hosts.ts';

const startToyHost = useToyHosts('toy-workflows.ts');

let dataDir: string;
let recordFile: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'durable-'));
});
afterAll(() => rm(dataDir, { recursive: true }));
beforeEach(async () => {
  recordFile = join(dataDir, `record-${randomUUID()}`);
  await writeFile(recordFile, '');
});

interface Status {
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly input: unknown;
  readonly name: string;
}

const start = (options: Partial<LocalHostOptions> = {}, durableTask: object = {}) =>
  startToyHost({
    hostJson: { version: '2.0', extensions: { durableTask } },
    ...options,
    settings: { RECORD_FILE: recordFile, ...options.settings },
  });

async function call({ host }: ToyHost, method: string, target: string, input?: unknown): Promise<unknown> {
  const response = await fetch(`${host.url}/api/client/${target}`, {
    method,
    ...(input !== undefined && { body: JSON.stringify(input) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

async function begin(
  toy: ToyHost,
  name: string,
  input: unknown = [],
  id: string = randomUUID(),
): Promise<string> {
  expect(await call(toy, 'POST', `${id}?name=${name}`, input)).toBe(id);
  return id;
}

const look = (toy: ToyHost, id: string) => call(toy, 'GET', id) as Promise<Status>;

function untilEnded(toy: ToyHost, id: string): Promise<Status> {
  return eventually(
    async () => {
      const status = await look(toy, id);
      if (/^(Completed|Failed|Terminated)$/.test(status.runtimeStatus)) return status;
      throw new Error(`the instance is ${status.runtimeStatus}`);
    },
    { timeoutMs: 20_000, intervalMs: 20 },
  );
}

const records = async () => (await readFile(recordFile, 'utf8')).split('\n').filter((line) => line !== '');
const untilRecorded = (line: string) =>
  eventually(async () => (await records()).includes(line), { timeoutMs: 20_000, intervalMs: 20 });

describe('an orchestration', () => {
  test('runs its activities one after the other, and ends with what it returned', async () => {
    const toy = await start();
    const works = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
    const id = await begin(toy, 'chain', works);
    expect(await untilEnded(toy, id)).toMatchObject({
      name: 'chain',
      runtimeStatus: 'Completed',
      input: works,
      output: ['a is done', 'b is done', 'c is done'],
      customStatus: { done: 3 },
    });
    expect(await records()).toEqual(['a', 'a done', 'b', 'b done', 'c', 'c done']);
  });

  test('runs as many activities at once as host.json allows', async () => {
    const toy = await start({}, { maxConcurrentActivityFunctions: 2 });
    const file = join(dataDir, randomUUID());
    const names = ['a', 'b', 'c', 'd'];
    const id = await begin(
      toy,
      'fan',
      names.map((name) => ({ name, untilFile: file })),
    );
    await untilRecorded('b');
    expect(await records()).toEqual(['a', 'b']);
    await writeFile(file, '');
    expect((await untilEnded(toy, id)).output).toEqual(names.map((name) => `${name} is done`));
  });

  test('repeats what fails, each on its own, and gives up after the last attempt', async () => {
    const toy = await start();
    const id = await begin(toy, 'patientFan', [
      { name: 'a', failures: 1 },
      { name: 'b', failures: 9 },
      { name: 'c', failures: 2, waitMs: 20 },
      { name: 'd' },
    ]);
    const { output } = await untilEnded(toy, id);
    expect(output).toEqual([
      'a is done',
      expect.stringContaining("Activity function 'work' failed: b fails"),
      'c is done',
      'd is done',
      'after is done',
    ]);
    const counts = Map.groupBy(await records(), (line) => line);
    expect(['a', 'b', 'c', 'd', 'after'].map((name) => counts.get(name)?.length)).toEqual([2, 3, 3, 1, 1]);
  });

  test('that throws has failed, by its message', async () => {
    const toy = await start();
    expect(await untilEnded(toy, await begin(toy, 'throwing'))).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'throwing' failed: the orchestrator threw",
    });
  });

  test('whose activity takes the worker down with it is told that it failed', async () => {
    const toy = await start();
    const id = await begin(toy, 'patientFan', [{ name: 'a', exit: true }]);
    expect((await untilEnded(toy, id)).output).toEqual(['a is done', 'after is done']);
    expect((await records()).filter((line) => line === 'a')).toHaveLength(2);
  });

  test.each([
    ['waiting', 'CreateTimer'],
    ['calling', 'CallSubOrchestrator'],
  ])('that asks for what this host has not, like %s, fails by its name', async (name, action) => {
    const toy = await start();
    const message = `the local host has no orchestration action '${action}'.`;
    expect(await untilEnded(toy, await begin(toy, name))).toMatchObject({
      runtimeStatus: 'Failed',
      output: message,
    });
    await toy.logged(new RegExp(`Orchestrator function '${name}': ${message}`));
  });

  test('that takes another way in a replay fails, and says where', async () => {
    const toy = await start();
    expect(await untilEnded(toy, await begin(toy, 'fickle'))).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Non-deterministic orchestrator: step 0 was activity 'work', and is activity 'play' now.",
    });
  });
});

describe('an instance', () => {
  test('is started once, however often it is asked for; ended, it may be started anew', async () => {
    const toy = await start();
    const file = join(dataDir, randomUUID());
    const id = await begin(toy, 'chain', [{ name: 'a', untilFile: file }]);
    await expect(begin(toy, 'chain', [], id)).rejects.toThrow('already exists');
    await writeFile(file, '');
    expect((await untilEnded(toy, id)).output).toEqual(['a is done']);
    await begin(toy, 'chain', [{ name: 'b' }], id);
    await untilRecorded('b done');
    await eventually(async () => String((await untilEnded(toy, id)).output) === 'b is done');
  });

  test('of no orchestrator, or that nobody started, is refused', async () => {
    const toy = await start();
    await expect(begin(toy, 'work')).rejects.toThrow("'work' doesn't exist, or is not an orchestrator");
    await expect(look(toy, randomUUID())).rejects.toThrow('HTTP 404');
    await expect(call(toy, 'POST', `${randomUUID()}?terminate`)).rejects.toThrow('No instance');
    expect(await call(toy, 'DELETE', randomUUID())).toEqual({ instancesDeleted: 0 });
  });

  test('is terminated while its activity goes on, and is gone once purged', async () => {
    const toy = await start();
    const file = join(dataDir, randomUUID());
    const id = await begin(toy, 'chain', [{ name: 'a', untilFile: file }, { name: 'b' }]);
    await untilRecorded('a');
    expect(await call(toy, 'DELETE', id)).toEqual({ instancesDeleted: 0 });
    await call(toy, 'POST', `${id}?terminate`);
    expect(await untilEnded(toy, id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'told so' });
    await writeFile(file, '');
    await untilRecorded('a done');
    await call(toy, 'POST', `${id}?terminate`);
    expect((await look(toy, id)).runtimeStatus).toBe('Terminated');
    expect(await call(toy, 'DELETE', id)).toEqual({ instancesDeleted: 1 });
    await expect(look(toy, id)).rejects.toThrow('HTTP 404');
    expect(await records()).toEqual(['a', 'a done']);
  });
});

describe('a host that takes over the folder of', () => {
  const visible = (seconds: number) => ({
    storageProvider: {
      workItemQueueVisibilityTimeout: `00:00:0${seconds}`,
      controlQueueVisibilityTimeout: `00:00:0${seconds}`,
    },
  });

  test('a killed one goes on where that had come to; the activity under way runs again, when it is visible again', async () => {
    const folder = join(dataDir, randomUUID());
    const file = join(dataDir, randomUUID());
    const works = [{ name: 'a' }, { name: 'b', untilFile: file }, { name: 'c' }];
    const killed = await start({ dataDir: folder });
    const id = await begin(killed, 'chain', works);
    await untilRecorded('b');
    await killed.host.kill();
    await writeFile(file, '');

    const startedMs = performance.now();
    const next = await start({ dataDir: folder }, visible(1));
    const { output } = await untilEnded(next, id);
    expect(output).toEqual(['a is done', 'b is done', 'c is done']);
    expect(performance.now() - startedMs).toBeGreaterThan(1000);
    expect(await records()).toEqual(['a', 'a done', 'b', 'b', 'b done', 'c', 'c done']);
  });

  test('one that was stopped goes on at once, if that stopped gracefully', async () => {
    const folder = join(dataDir, randomUUID());
    const file = join(dataDir, randomUUID());
    const graceful = { useGracefulShutdown: true };
    const stopped = await start({ dataDir: folder }, graceful);
    const id = await begin(stopped, 'chain', [{ name: 'a', untilFile: file }, { name: 'b' }]);
    await untilRecorded('a');
    const stopping = stopped.host.stop();
    await writeFile(file, '');
    await stopping;
    expect(await records()).toEqual(['a', 'a done']);

    const next = await start({ dataDir: folder }, { ...graceful, ...visible(9) });
    const startedMs = performance.now();
    expect((await untilEnded(next, id)).output).toEqual(['a is done', 'b is done']);
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });

  test('one that was stopped otherwise waits until its message is visible again', async () => {
    const folder = join(dataDir, randomUUID());
    const file = join(dataDir, randomUUID());
    const stopped = await start({ dataDir: folder });
    const id = await begin(stopped, 'chain', [{ name: 'a', untilFile: file }]);
    await untilRecorded('a');
    const stopping = stopped.host.stop();
    await writeFile(file, '');
    await stopping;

    const startedMs = performance.now();
    const next = await start({ dataDir: folder }, visible(1));
    await untilEnded(next, id);
    expect(performance.now() - startedMs).toBeGreaterThan(1000);
  });

  test('one that has ended everything shows it as that left it', async () => {
    const folder = join(dataDir, randomUUID());
    const first = await start({ dataDir: folder });
    const id = await begin(first, 'chain', [{ name: 'a' }]);
    const ended = await untilEnded(first, id);
    await first.host.kill();
    const next = await start({ dataDir: folder });
    expect(await look(next, id)).toEqual(ended);
  });
});

describe('the host refuses', () => {
  test('an entity, by name', async () => {
    await expect(start({ settings: { ENTITY: '1' } })).rejects.toThrow(
      "Function 'counter': the local host has no 'entityTrigger' trigger.",
    );
  });

  test.each([
    [{ hubName: '1' }, 'extensions.durableTask.hubName is "1"'],
    [{ extendedSessionsEnabled: true }, 'extensions.durableTask.extendedSessionsEnabled is not a setting'],
    [
      { storageProvider: { workItemQueueVisibilityTimeout: '0' } },
      'extensions.durableTask.storageProvider.workItemQueueVisibilityTimeout is "0"',
    ],
  ])('the setting %j', async (durableTask, message) => {
    await expect(start({}, durableTask)).rejects.toThrow(message);
  });
});

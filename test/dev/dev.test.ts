/** `npm run dev` as a process: what it starts, what it says, and that it leaves nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Azurite, emulatorAccount, emulatorConnectionString, startAzurite } from '../../dev/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { freePorts } from '../support/free-ports.ts';
import { testOn } from '../support/platform.ts';
import { trackProcess } from '../support/processes.ts';

const repository = join(__dirname, '../..');
let appDir: string;
let children: ChildProcess[] = [];
let azurite: Azurite | undefined;

beforeEach(async () => {
  appDir = await mkdtemp(join(tmpdir(), 'dev-test-'));
  await copyFile(join(repository, 'host.json'), join(appDir, 'host.json'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  await azurite?.stop();
  azurite = undefined;
  await rm(appDir, { recursive: true, force: true, maxRetries: 5 });
});

interface Dev {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

async function startDev(args: string[], environment: Record<string, string> = {}): Promise<Dev> {
  const script = join(__dirname, 'fixtures/toy-dev.ts');
  const app = [join(__dirname, 'fixtures/toy-app.ts'), join(appDir, 'main.cjs'), appDir];
  // Windows opens no socket without SystemRoot.
  const { PATH = '', HOME = '', SystemRoot = '' } = process.env;
  const child = spawn(process.execPath, [script, ...app, '--data', join(appDir, 'data'), ...args], {
    env: { PATH, HOME, SystemRoot, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  await trackProcess(child.pid ?? 0, 'npm run dev');
  const events = new EventEmitter();
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    events.emit('printed');
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  return {
    child,
    ended,
    async printed(pattern) {
      while (true) {
        const match = pattern.exec(stdout);
        if (match !== null) return match;
        const end = await Promise.race([once(events, 'printed').then(() => undefined), ended]);
        if (end !== undefined)
          throw new Error(`It ended without printing ${pattern}: ${end.stdout}${end.stderr}`);
      }
    },
  };
}

interface Ports {
  readonly port: number;
  readonly storagePort: number;
}

async function newPorts(): Promise<Ports> {
  // Three for storage, one for the app, one for a debugger.
  const storagePort = await freePorts(5);
  return { storagePort, port: storagePort + 3 };
}

const portArgs = ({ port, storagePort }: Ports) => [
  '--port',
  String(port),
  '--storage-port',
  String(storagePort),
];
const storageAt = (port: number) =>
  emulatorConnectionString(emulatorAccount, { blob: port, queue: port + 1, table: port + 2 });

/** A message for the toy app, which works on it for 3 s. */
async function putWork(storagePort: number): Promise<void> {
  const queue = QueueServiceClient.fromConnectionString(storageAt(storagePort)).getQueueClient('work');
  await queue.createIfNotExists();
  await queue.sendMessage(Buffer.from('one').toString('base64'));
}

async function settingsOf(port: number): Promise<Record<string, string>> {
  return (await (await fetch(`http://127.0.0.1:${port}/api/settings`)).json()) as Record<string, string>;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((answer) => {
    socket.destroy();
    return answer as boolean;
  });
}

async function childrenOf(pid: number | undefined): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);
}

testOn(
  'linux',
  'it reads /proc',
  'SIGTERM during a 3 s message: it ends properly, the process exits 0, no child is left',
  async () => {
    const ports = await newPorts();
    const dev = await startDev(portArgs(ports));
    await dev.printed(/The app answers on http:\/\/127.0.0.1:\d+\. Storage: embedded/);
    const pids = await childrenOf(dev.child.pid);
    expect(pids.length).toBeGreaterThanOrEqual(2);
    await putWork(ports.storagePort);
    await dev.printed(/began one/);
    dev.child.kill('SIGTERM');
    const { code, stdout, stderr } = await dev.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/ended one\n.*Executed 'Functions.work' \(Succeeded/);
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(await isListening(ports.storagePort)).toBe(false);

    azurite = await startAzurite({ dataDir: join(appDir, 'data') });
    const after = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient('work');
    expect((await after.getProperties()).approximateMessagesCount).toBe(0);
  },
  60_000,
);

testOn(
  'linux',
  'it reads /proc',
  'when it is killed its children end by themselves',
  async () => {
    const dev = await startDev(portArgs(await newPorts()));
    await dev.printed(/The app answers/);
    const pids = await childrenOf(dev.child.pid);
    dev.child.kill('SIGKILL');
    await eventually(() => pids.every((pid) => !existsSync(`/proc/${pid}`)));
  },
  60_000,
);

testOn(
  'posix',
  'Windows has no signals',
  'a second Ctrl-C, a second later, ends it at once',
  async () => {
    const ports = await newPorts();
    const dev = await startDev(portArgs(ports));
    await dev.printed(/The app answers/);
    await putWork(ports.storagePort);
    await dev.printed(/began one/);
    dev.child.kill('SIGINT');
    await dev.printed(/Once more to end at once/);
    // npm passes the terminal's signal on, so the first one comes twice.
    dev.child.kill('SIGINT');
    const again = setInterval(() => dev.child.kill('SIGINT'), 1_100);
    const { code, stdout } = await dev.ended;
    clearInterval(again);
    expect(code).toBe(1);
    expect(stdout).not.toContain('ended one');
  },
  60_000,
);

test('settings: its defaults, then local.settings.json, then the environment', async () => {
  const values = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', FROM_FILE: 'file', BOTH: 'file' };
  await writeFile(
    join(appDir, 'local.settings.json'),
    JSON.stringify({ IsEncrypted: false, Values: values }),
  );
  const ports = await newPorts();
  const dev = await startDev(portArgs(ports), { BOTH: 'environment', npm_config_x: '1' });
  await dev.printed(/The app answers/);
  const settings = await settingsOf(ports.port);
  expect(settings).toMatchObject({
    AzureWebJobsStorage: storageAt(ports.storagePort),
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '134217728',
    DIAGNOSTIC_OPERATIONS: 'true',
    FROM_FILE: 'file',
    BOTH: 'environment',
  });
  for (const name of ['WEBSITE_HOSTNAME', 'PUBLIC_BASE_URL', 'npm_config_x'])
    expect(settings).not.toHaveProperty(name);
  const blobs = BlobServiceClient.fromConnectionString(storageAt(ports.storagePort));
  expect((await blobs.getProperties()).cors).toEqual([
    expect.objectContaining({ allowedOrigins: '*', allowedMethods: 'GET,HEAD,PUT', allowedHeaders: '*' }),
  ]);
}, 60_000);

test('--auth asks for the keys that it keeps', async () => {
  const ports = await newPorts();
  const dev = await startDev([...portArgs(ports), '--auth']);
  await dev.printed(/Keys are asked for/);
  const keys = JSON.parse(await readFile(join(appDir, 'data/keys.json'), 'utf8'));
  const url = `http://127.0.0.1:${ports.port}/api/settings`;
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(`${url}?code=${keys.functions.settings}`)).status).toBe(200);
}, 60_000);

test('--inspect lets a debugger attach to the process that holds the app', async () => {
  const ports = await newPorts();
  const inspectPort = ports.port + 1;
  const dev = await startDev([...portArgs(ports), '--inspect', String(inspectPort)]);
  await dev.printed(/The app answers/);
  const [target] = (await (await fetch(`http://127.0.0.1:${inspectPort}/json/list`)).json()) as {
    title: string;
  }[];
  expect(target?.title).toContain('dev/host/worker/main.ts');
}, 60_000);

describe('storage that already listens', () => {
  testOn(
    'posix',
    'Windows has no signals',
    'is used as it is and left running',
    async () => {
      const ports = await newPorts();
      const { storagePort } = ports;
      azurite = await startAzurite({
        blobPort: storagePort,
        queuePort: storagePort + 1,
        tablePort: storagePort + 2,
      });
      const dev = await startDev(portArgs(ports));
      await dev.printed(/Storage: already listening on port/);
      dev.child.kill('SIGTERM');
      expect((await dev.ended).code).toBe(0);
      const blobs = BlobServiceClient.fromConnectionString(azurite.connectionString);
      expect((await blobs.getProperties()).cors).toEqual([]);
    },
    60_000,
  );

  test('and refuses the API version is told how to start', async () => {
    const refuse = createServer((_, response) => {
      const text = 'The API version 2026-06-06 is not supported by Azurite.';
      const body = `<?xml version="1.0"?><Error><Code>InvalidHeaderValue</Code><Message>${text}</Message></Error>`;
      response.writeHead(400, { 'Content-Type': 'application/xml' }).end(body);
    });
    const ports = await newPorts();
    const queue = createNetServer().listen(ports.storagePort + 1, '127.0.0.1');
    refuse.listen(ports.storagePort, '127.0.0.1');
    await Promise.all([once(refuse, 'listening'), once(queue, 'listening')]);
    const { code, stderr } = await (await startDev(portArgs(ports))).ended;
    queue.close();
    refuse.close().closeAllConnections();
    const port = ports.storagePort;
    const told = `The storage on port ${port} refuses the SDK's API version: start it with azurite --skipApiVersionCheck.\n`;
    expect([code, stderr]).toEqual([1, told]);
  }, 60_000);
});

describe('one clear line and exit code 1', () => {
  const refused = async (args: string[], environment = {}) => {
    const { code, stderr } = await (await startDev(args, environment)).ended;
    return [code, stderr];
  };

  test('for a bad option', async () => {
    expect(await refused(['--port', 'x'])).toEqual([1, "--port is 'x'; it wants a port from 1 to 65535.\n"]);
    expect(await refused(['--storage-port', '65534'])).toEqual([
      1,
      "--storage-port is '65534'; it wants a port from 1 to 65533.\n",
    ]);
    expect(await refused(['--data', ''])).toEqual([1, "--data is ''; it wants a folder.\n"]);
    expect(await refused(['--colour'])).toEqual([
      1,
      "Unknown option '--colour'. See npm run dev -- --help.\n",
    ]);
  });

  test('for a busy port, and its storage is ended', async () => {
    const ports = await newPorts();
    const busy = createNetServer().listen(ports.port, '127.0.0.1');
    await once(busy, 'listening');
    expect(await refused(portArgs(ports))).toEqual([
      1,
      `Port ${ports.port} is in use: choose another (--port).\n`,
    ]);
    busy.close();
    expect(await isListening(ports.storagePort)).toBe(false);
  }, 60_000);

  test('for a busy storage port', async () => {
    const ports = await newPorts();
    const busy = createNetServer().listen(ports.storagePort + 1, '127.0.0.1');
    await once(busy, 'listening');
    const told = `Port ${ports.storagePort + 1}, wanted for Azurite's queue service, is in use: choose others (--storage-port).\n`;
    expect(await refused(portArgs(ports))).toEqual([1, told]);
    busy.close();
  }, 60_000);

  test('for a port that its storage takes', async () => {
    expect(await refused(['--port', '7520', '--storage-port', '7519'])).toEqual([
      1,
      '--port is 7520, which storage takes too: 7519 to 7521 (--storage-port). Choose another for one of them.\n',
    ]);
    expect(await refused(['--inspect', '10002'])).toEqual([
      1,
      '--inspect is 10002, which storage takes too: 10000 to 10002 (--storage-port). Choose another for one of them.\n',
    ]);
  });

  test('for a bad host.json', async () => {
    await writeFile(join(appDir, 'host.json'), '{"version":"2.0","extensions":{"queues":{"batchSize":0}}}');
    expect(await refused(portArgs(await newPorts()))).toEqual([
      1,
      'host.json: extensions.queues.batchSize is 0; it wants a whole number from 1 to 32.\n',
    ]);
  }, 60_000);

  test('for a bad local.settings.json', async () => {
    await writeFile(join(appDir, 'local.settings.json'), '{"Values":{},"Host":{"CORS":"*"}}');
    expect(await refused([])).toEqual([
      1,
      'local.settings.json: Host is not a setting that the local host knows.\n',
    ]);
  });

  test('for storage settings that are none', async () => {
    expect(await refused(portArgs(await newPorts()), { AzureWebJobsStorage: 'nonsense' })).toEqual([
      1,
      expect.stringMatching(/^AzureWebJobsStorage is not a storage connection string: .*\n$/),
    ]);
  });
});

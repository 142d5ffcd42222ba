import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Azurite, type AzuriteOptions, startAzurite } from '../../dev/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/is-alive.ts';
import { describeOn } from '../support/platform.ts';
import { trackProcess } from '../support/processes.ts';

let started: Azurite[];
let dataDir: string;

beforeEach(async () => {
  started = [];
  dataDir = await mkdtemp(join(tmpdir(), 'azurite-test-'));
});

afterEach(async () => {
  await Promise.all(started.map((azurite) => azurite.stop()));
  await rm(dataDir, { recursive: true });
});

async function start(options?: AzuriteOptions): Promise<Azurite> {
  const azurite = await startAzurite(options);
  started.push(azurite);
  await trackProcess(azurite.pid, 'Azurite');
  return azurite;
}

const blobs = (connectionString: string) =>
  BlobServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } });

test('answers the SDK on free ports once it is started', async () => {
  const { connectionString } = await start();
  await blobs(connectionString).createContainer('jobs');
  await QueueServiceClient.fromConnectionString(connectionString).createQueue('requests');
  expect(await blobs(connectionString).getContainerClient('jobs').exists()).toBe(true);
});

test('listens on loopback alone', async () => {
  const { blobPort } = await start();
  const addresses = Object.values(networkInterfaces()).flat();
  const outer = addresses.find((address) => address?.family === 'IPv4' && !address.internal)?.address;
  await expect(fetch(`http://127.0.0.1:${blobPort}/`)).resolves.toBeDefined();
  // A machine without a network has no other address to be reached at.
  if (outer !== undefined) await expect(fetch(`http://${outer}:${blobPort}/`)).rejects.toThrow();
});

test('serves the accounts it is given, and no other', async () => {
  const accounts = ['first', 'second'].map((name) => ({ name, key: Buffer.from(name).toString('base64') }));
  const azurite = await start({ accounts });
  for (const account of accounts) {
    await blobs(azurite.connectionStringOf(account)).createContainer('jobs');
  }
  expect(await blobs(azurite.connectionString).accountName).toBe('first');
  const third = blobs(azurite.connectionStringOf({ name: 'third', key: 'a2V5' }));
  await expect(third.createContainer('jobs')).rejects.toMatchObject({ statusCode: 404 });
});

test('keeps its data in dataDir from one start to the next', async () => {
  const first = await start({ dataDir });
  const container = blobs(first.connectionString).getContainerClient('jobs');
  await container.create();
  await container.getBlockBlobClient('ref').upload('kept', 4);
  await first.stop();

  const second = await start({ dataDir, blobPort: first.blobPort });
  const blob = blobs(second.connectionString).getContainerClient('jobs').getBlockBlobClient('ref');
  expect(String(await blob.downloadToBuffer())).toBe('kept');
});

test.each(['blob', 'queue', 'table'] as const)('names a busy port and its purpose: %s', async (service) => {
  const occupant = createServer().listen(0, '127.0.0.1');
  await once(occupant, 'listening');
  try {
    const { port } = occupant.address() as { port: number };
    await expect(start({ [`${service}Port`]: port })).rejects.toThrow(
      `Port ${port}, wanted for Azurite's ${service} service, is in use: choose others (--storage-port).`,
    );
  } finally {
    occupant.close();
  }
});

test('says what Azurite said when it cannot start', async () => {
  await expect(start({ dataDir: join(import.meta.filename, 'no-folder') })).rejects.toThrow(
    /Azurite did not start: .*ENOTDIR/s,
  );
});

test('has ended when stop resolves, and may be stopped twice', async () => {
  const azurite = await start({ dataDir });
  await Promise.all([azurite.stop(), azurite.stop()]);
  expect(isAlive(azurite.pid)).toBe(false);
  await azurite.stop();
});

describeOn('posix', 'Windows has no process groups', 'Ctrl-C', () => {
  test.each(['in memory', 'on disk'])(
    'outlives Ctrl-C but not the process that started it: %s',
    async (where) => {
      const options = where === 'on disk' ? { dataDir } : {};
      const module = pathToFileURL(join(import.meta.dirname, '../../dev/azurite.ts'));
      const script = `
    import { startAzurite } from '${module}';
    process.on('SIGINT', () => {});
    const { pid, blobPort } = await startAzurite(${JSON.stringify(options)});
    console.log(JSON.stringify({ pid, blobPort }));`;
      const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      });
      const group = starter.pid as number;
      await trackProcess(group, 'a process that started Azurite');
      try {
        const [line] = await once(starter.stdout as Readable, 'data');
        const { pid, blobPort } = JSON.parse(String(line)) as { pid: number; blobPort: number };
        await trackProcess(pid, 'Azurite');

        process.kill(-group, 'SIGINT');
        await expect(fetch(`http://127.0.0.1:${blobPort}/`)).resolves.toBeDefined();
        starter.kill('SIGKILL');
        await eventually(() => !isAlive(pid));
      } finally {
        starter.kill('SIGKILL');
      }
    },
  );
});

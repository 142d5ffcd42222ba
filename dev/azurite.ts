/**
 * Starts Azurite, the storage emulator, as everybody here starts it: the dev command, the demo, the tests. It runs as a
 * process of its own, bound to loopback, without telemetry, taking whatever API version the SDK asks for, and it ends
 * with the process that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

/** An account that Azurite serves. */
export interface StorageAccount {
  readonly name: string;
  /** Base64. */
  readonly key: string;
}

/** The account every emulator has; name and key are published, so they protect nothing. */
export const emulatorAccount: StorageAccount = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

/** Certificate and key, in PEM form. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface AzuriteOptions {
  /** Default: a free port. */
  readonly blobPort?: number;
  /** Default: a free port. */
  readonly queuePort?: number;
  /** Default: a free port. */
  readonly tablePort?: number;
  /** The folder that keeps the data; it is made if it is not there. Default: in memory, gone at the end. */
  readonly dataDir?: string;
  /** Default: the emulator's own account alone. */
  readonly accounts?: readonly StorageAccount[];
  /**
   * Serve https by this certificate, and take tokens beside keys: `--oauth basic` looks at lifetime, issuer and audience, not at
   * the signature. Default: http, where Azurite takes no token.
   */
  readonly tls?: TlsFiles;
  /** A module loaded into Azurite's process before Azurite: the tests' movable clock. */
  readonly preload?: string;
  /** The most that its JavaScript heap may grow to, where Node's own limit (about 4 GB) is not enough for what it is to hold. */
  readonly heapMB?: number;
}

export interface Azurite {
  readonly blobPort: number;
  readonly queuePort: number;
  readonly tablePort: number;
  /** Present where it serves https. */
  readonly tls?: TlsFiles;
  /** For the first of its accounts. */
  readonly connectionString: string;
  connectionStringOf(account: StorageAccount): string;
  readonly pid: number;
  /** For whoever wants to see it end (`exit`) or talks to a preloaded module (`send`, `message`). */
  readonly process: ChildProcess;
  /** Ends it and waits until it has ended. Harmless when it has already. */
  stop(): Promise<void>;
}

const services = ['blob', 'queue', 'table'] as const;
type Ports = Record<(typeof services)[number], number>;

/** A connection string for one account of an emulator on 127.0.0.1. */
export function emulatorConnectionString(
  account: StorageAccount,
  ports: Partial<Ports>,
  protocol: 'http' | 'https' = 'http',
): string {
  const endpoints = services.map((service) => {
    const port = ports[service];
    const name = `${service.charAt(0).toUpperCase()}${service.slice(1)}Endpoint`;
    return port === undefined ? '' : `${name}=${protocol}://127.0.0.1:${port}/${account.name};`;
  });
  return `DefaultEndpointsProtocol=${protocol};AccountName=${account.name};AccountKey=${account.key};${endpoints.join('')}`;
}

/**
 * Starts Azurite and waits until it answers.
 * @throws {Error} naming the port and what it was for when it is taken, else with what Azurite said.
 */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const { accounts = [emulatorAccount], tls } = options;
  const wanted: Ports = {
    blob: options.blobPort ?? 0,
    queue: options.queuePort ?? 0,
    table: options.tablePort ?? 0,
  };
  const preloads = [join(import.meta.dirname, 'azurite-child.ts'), options.preload ?? []].flat();

  const child = spawn(
    process.execPath,
    [
      ...(options.heapMB === undefined ? [] : [`--max-old-space-size=${options.heapMB}`]),
      ...preloads.map((file) => `--import=${pathToFileURL(file)}`),
      createRequire(import.meta.filename).resolve('azurite/dist/src/azurite.js'),
      ...services.flatMap((name) => [`--${name}Host`, '127.0.0.1', `--${name}Port`, String(wanted[name])]),
      ...(options.dataDir === undefined ? ['--inMemoryPersistence'] : ['--location', options.dataDir]),
      ...(tls === undefined ? [] : ['--cert', tls.certFile, '--key', tls.keyFile, '--oauth', 'basic']),
      // Azurite knows fewer API versions than the SDK asks for.
      '--skipApiVersionCheck',
      '--disableProductStyleUrl',
      '--disableTelemetry',
      '--silent',
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C would otherwise end storage while the app still drains.
      detached: true,
      windowsHide: true,
      env: {
        ...process.env,
        AZURITE_ACCOUNTS: accounts.map(({ name, key }) => `${name}:${key}`).join(';'),
        AZURITE_DB: undefined,
      },
    },
  );
  await once(child, 'spawn');
  const ports = await listening(child, wanted);

  const connectionStringOf = (account: StorageAccount) =>
    emulatorConnectionString(account, ports, tls && 'https');
  return {
    blobPort: ports.blob,
    queuePort: ports.queue,
    tablePort: ports.table,
    ...(tls && { tls }),
    connectionString: connectionStringOf(accounts[0] ?? emulatorAccount),
    connectionStringOf,
    pid: child.pid as number,
    process: child,
    stop: () => stop(child),
  };
}

/** Resolves with the ports once Azurite has announced all of them; rejects when it ends before that. */
async function listening(child: ChildProcess, wanted: Ports): Promise<Ports> {
  const found: Partial<Ports> = {};
  const [stdout, stderr] = [child.stdout, child.stderr] as [Readable, Readable];
  let said = '';
  const keep = (text: Buffer) => {
    said += text;
  };
  stderr.on('data', keep);
  return await new Promise((resolve, reject) => {
    child.once('close', () => reject(notStarted(said, wanted)));
    // Both are read to their end, or Azurite stops at a full pipe.
    createInterface({ input: stdout }).on('line', (line) => {
      const [, service, port] =
        /^Azurite (\w+) service is successfully listening at .*:(\d+)$/.exec(line) ?? [];
      const name = services.find((known) => known === service?.toLowerCase());
      if (name !== undefined) found[name] = Number(port);
      const { blob, queue, table } = found;
      if (blob === undefined || queue === undefined || table === undefined) return;
      stderr.off('data', keep).pipe(process.stderr);
      resolve({ blob, queue, table });
    });
  });
}

function notStarted(said: string, wanted: Ports): Error {
  const busyPort = /EADDRINUSE.*:(\d+)/.exec(said)?.[1];
  const purpose = services.find((name) => String(wanted[name]) === busyPort);
  if (busyPort === undefined) return new Error(`Azurite did not start: ${said.trim()}`);
  return new Error(
    `Port ${busyPort}, wanted for Azurite's ${purpose} service, is in use: choose others (--storage-port).`,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  if (child.connected) child.disconnect();
  await ended;
}

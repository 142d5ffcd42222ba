/** The built app on a local host of a test file's own, with a storage account of its own and its log to wait on. */
import { EventEmitter, once } from 'node:events';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll } from '@jest/globals';
import { type LocalHost, type LocalHostOptions, startLocalHost } from '../../dev/host/local-host.ts';
import { allowBrowsers } from '../../dev/storage-cors.ts';
import { type StorageProxy, startStorageProxy } from '../../dev/storage-proxy.ts';
import type { AppUnderTest } from '../contract/app-under-test.ts';
import { appStorage } from './app-storage.ts';
import { type FrontOptions, startFront } from './front.ts';
import { trackProcess } from './processes.ts';
import { expectNoSecrets, noteSecret } from './secrets.ts';
import { noteExchanges, noteSecretsIn } from './seen-secrets.ts';
import { type TestStorageAccount, takeStorageAccount } from './storage-account.ts';

export interface FunctionApp extends AppUnderTest {
  /** `stop` below kills it. */
  readonly host: Omit<LocalHost, 'kill'>;
  /** The container `jobs`, by the app's own connection. */
  readonly jobs: ContainerClient;
  /** The host's log so far, the app's lines included. */
  readonly lines: readonly string[];
  /** Resolves with the first `count` lines that match, once there are so many. */
  logged(pattern: RegExp, count?: number): Promise<string[]>;
  /**
   * Ends as a crash of the machine does.
   * @throws {Error} where a line of the log holds a secret that this test file has seen, be it the host's line or the app's: the
   *   host's own name functions, invocations and refs, so that what is secret in one of them is the app's doing as well.
   */
  /** Has the host run a timer's function at once, as its admin API does. */
  runNow(functionName: string): Promise<void>;
  stop(): Promise<void>;
}

export interface FunctionAppOptions extends FrontOptions {
  /** Default: an account of the Azurite that the run shares. */
  readonly connectionString?: string;
  /** Where the app gets to storage, where that is not the account itself: a proxy before it. */
  readonly appConnectionString?: string;
  readonly timings?: LocalHostOptions['timings'];
  /** Where a host finds what a killed one was about to do in workflows. Default: nowhere. */
  readonly dataDir?: string;
}

/** A queue that was empty is looked at again at once: tests would spend most of their time waiting for it. */
const EAGER = { AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.1' };

/** Starts the app; whoever starts it stops it. */
export async function startFunctionApp(options: FunctionAppOptions = {}): Promise<FunctionApp> {
  const connectionString = options.connectionString ?? (await takeStorageAccount()).connectionString;
  await allowBrowsers(connectionString);
  const storage = await appStorage(connectionString, options.appConnectionString);
  const lines: string[] = [];
  const events = new EventEmitter();
  const front = await startFront({ ...options, settings: { ...storage.settings, ...options.settings } });
  const { auth = false, appDir } = { ...options, ...front.setup };
  const settings = {
    ...EAGER,
    ...storage.settings,
    DIAGNOSTIC_OPERATIONS: 'true',
    ...front.setup.settings,
    ...options.settings,
  };
  const starting = startLocalHost({
    ...(appDir === undefined ? { entry: options.entry ?? builtApp() } : { appDir }),
    port: 0,
    auth,
    settings,
    onLog: (line) => {
      lines.push(line);
      events.emit('line');
    },
    ...(options.timings && { timings: options.timings }),
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
  });
  starting.then(({ exited }) => exited.then(storage.leave), storage.leave);
  const host = await starting;
  await trackProcess(host.workerPid, 'worker of the function app');
  const noteNoMore = noteExchanges(Number(new URL(host.url).port));
  for (const value of Object.values(settings)) noteSecretsIn(value);
  const { master, host: ofHost, functions = {} } = host.keys ?? {};
  for (const key of [master, ofHost, ...Object.values(functions)]) noteSecret('function key', key ?? '');
  void host.exited.then(front.stop);
  return {
    ...front.leadTo(host),
    host,
    jobs: BlobServiceClient.fromConnectionString(connectionString).getContainerClient('jobs'),
    lines,
    async logged(pattern, count = 1) {
      for (;;) {
        const found = lines.filter((line) => pattern.test(line));
        if (found.length >= count) return found.slice(0, count);
        await once(events, 'line');
      }
    },
    async runNow(functionName) {
      const { status } = await fetch(`${host.url}/admin/functions/${functionName}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-functions-key': host.keys?.master ?? '' },
        body: '{}',
      });
      if (status !== 202) throw new Error(`The host answered ${status} to a run of ${functionName}.`);
    },
    async stop() {
      await host.kill();
      noteNoMore();
      expectNoSecrets('The log', lines);
    },
  };
}

/** Starts an app whose calls to storage are counted, and fail where a test wants it. Stopping the app stops the proxy too. */
export async function startAppBehindProxy(
  options: Omit<FunctionAppOptions, 'connectionString' | 'appConnectionString'> = {},
  storage?: TestStorageAccount,
): Promise<{ readonly app: FunctionApp; readonly proxy: StorageProxy }> {
  const account = storage ?? (await takeStorageAccount());
  const proxy = await startStorageProxy(account);
  const app = await startFunctionApp({
    ...options,
    connectionString: account.connectionString,
    appConnectionString: proxy.connectionStringOf(account.account),
  }).catch(async (error: unknown) => {
    // Left open it would keep the test run from ending, instead of failing.
    await proxy.stop();
    throw error;
  });
  const stop = () => app.stop().finally(() => proxy.stop());
  return { app: { ...app, stop }, proxy };
}

/** One app for all tests of a file, started before the first and ended after the last. */
export function useFunctionApp(options: FunctionAppOptions = {}): () => FunctionApp {
  let app: FunctionApp | undefined;
  beforeAll(async () => {
    app = await startFunctionApp(options);
  });
  afterAll(() => app?.stop());
  return () => {
    if (app === undefined) throw new Error('The app is there from beforeAll on, not while a file is loaded.');
    return app;
  };
}

/**
 * `npm test` builds before the first test; a file run alone must not pass on what was built yesterday.
 * @throws {Error} where the build is missing or older than its sources.
 */
function builtApp(): string {
  const entry = join(process.cwd(), 'dist', 'main.cjs');
  const builtMs = existsSync(entry) ? statSync(entry).mtimeMs : 0;
  const newer = ['host.json', ...globSync('src/**/*.{ts,html,css}')].find(
    (file) => statSync(file).mtimeMs > builtMs,
  );
  if (newer !== undefined)
    throw new Error(`${newer} is newer than dist/main.cjs: run 'npm run build' first.`);
  return entry;
}

/**
 * `npm run dev`: builds the app, opens its storage, runs it on the local host until somebody ends it.
 *
 * starting --> running --Ctrl-C or SIGTERM--> draining --> ended, code 0
 *                      --again, a second later--> killed
 *                      --the host gives up--> ended, code 1
 */
import { resolve } from 'node:path';
import { type BuildOptions, buildApp } from './build.ts';
import { type DevOptions, readCommandLine, usage } from './command-line.ts';
import { type DevStorage, openWantedStorage } from './dev-storage.ts';
import { type LocalHost, startLocalHost } from './host/local-host.ts';
import { readLocalSettings } from './local-settings.ts';

/** Ctrl-C comes twice under npm, from the terminal and from npm: only a later one is meant as a second. */
const SECOND_SIGNAL_MS = 1_000;

export interface DevApp extends BuildOptions {
  /** The folder with host.json and local.settings.json. Default: the working directory. */
  readonly appDir?: string;
}

/** Runs until it is ended. What goes wrong is said in one line on stderr, with exit code 1. */
export async function runDev(args: readonly string[], app: DevApp = {}): Promise<void> {
  try {
    const options = readCommandLine(args);
    if (options === undefined) console.log(usage);
    else await run(options, app);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

async function run(options: DevOptions, app: DevApp): Promise<void> {
  const signals = listenForSignals();
  const appDir = app.appDir ?? process.cwd();
  const given = { ...readLocalSettings(appDir), ...ownEnvironment() };
  const dataDir = resolve(options.dataDir);
  const entry = buildApp(app);
  const storage = await openWantedStorage(given.AzureWebJobsStorage, options);
  try {
    const host = await startLocalHost({
      appDir,
      entry,
      port: options.port,
      auth: options.auth,
      ...(options.inspectPort !== undefined && { inspectPort: options.inspectPort }),
      dataDir,
      onLog: (line) => console.log(`[${new Date().toISOString()}] ${line}`),
      settings: {
        AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
        FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '134217728',
        DIAGNOSTIC_OPERATIONS: 'true',
        ...given,
        AzureWebJobsStorage: storage.connectionString,
      },
    });
    console.log(welcome(host, storage, options));
    const { code, reason } = await untilEnded(host, signals);
    if (code !== 0) throw new Error(`The local host ended: ${reason}`);
  } finally {
    await storage.stop();
    signals.close();
  }
}

/** npm's own variables say nothing to the app. */
function ownEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return Object.fromEntries(entries) as Record<string, string>;
}

function welcome(host: LocalHost, storage: DevStorage, { auth, dataDir }: DevOptions): string {
  const key = auth ? ` -H 'x-functions-key: KEY'` : '';
  return [
    `The app answers on ${host.url}. Storage: ${storage.description}.`,
    ...(auth ? [`Keys are asked for; they are in ${dataDir}/keys.json.`] : []),
    'Try, in another terminal:',
    `  curl -i ${host.url}/api/operations`,
    `  printf 'a,b\\n1,x\\n2,y\\n' | curl -i${key} -H 'Content-Type: text/csv' --data-binary @- ${host.url}/api/operations/csv-profile`,
    'and then curl -i the Location that it answers.',
    `Or open ${host.url}/api/demo in a browser. Ctrl-C ends everything.`,
  ].join('\n');
}

interface Signals {
  /** Resolves with the first signal. */
  readonly first: Promise<void>;
  /** Resolves with one that comes a while after it. */
  readonly second: Promise<void>;
  close(): void;
}

function listenForSignals(): Signals {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let firstAt: number | undefined;
  const onSignal = () => {
    firstAt ??= Date.now();
    first.resolve();
    if (Date.now() - firstAt > SECOND_SIGNAL_MS) second.resolve();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    first: first.promise,
    second: second.promise,
    close: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}

async function untilEnded(host: LocalHost, signals: Signals): Promise<{ code: number; reason: string }> {
  void signals.first.then(() => {
    console.log('Ending: waiting for what is in flight. Once more to end at once.');
    return host.stop();
  });
  void signals.second.then(() => host.kill());
  return await host.exited;
}

/**
 * The local host: runs the app in a worker process and answers for it as the Functions host does. This file puts the
 * parts together and decides how they end.
 *
 * starting --> running --stop()--> draining --> exited, code 0
 *              running --kill()--> exited, as if the machine had crashed
 *              running --third crash in a row, or storage out of reach--> exited, code 1
 * A start that fails leaves nothing behind.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { entryFileOf, workerEnvironment } from './app-files.ts';
import { type Durable, startDurable } from './durable/start-durable.ts';
import { appFunctions } from './functions.ts';
import { readHostJson } from './host-json.ts';
import { createHostLog } from './host-log.ts';
import { type AppKeys, loadKeys } from './http/keys.ts';
import { startFront } from './http/start-front.ts';
import { createInvoker } from './invoker.ts';
import { type ListedFunction, listedLine, listFunction } from './listed-function.ts';
import { prepareListeners } from './queues/start-listeners.ts';
import { createRunByHand } from './run-by-hand.ts';
import { readSchedule, startTimer } from './timers.ts';
import { type HostTimings, hostTimings } from './timings.ts';
import { startWorkerProcess } from './worker-process.ts';
import { superviseWorker, type WorkerSupervisor } from './worker-supervisor.ts';

export { SettingError } from './host-json.ts';

export interface LocalHostOptions {
  /** The folder with host.json and package.json. Default: the working directory. */
  readonly appDir?: string;
  /** The file to load, relative to `appDir`. Default: `main` of package.json. */
  readonly entry?: string;
  /** Instead of the file host.json. */
  readonly hostJson?: object;
  /** The app settings: all that the app has of an environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** 0: a free one. Default: 7071. */
  readonly port?: number;
  /** Whether keys are asked for, as in Azure. Default: not, as under Core Tools. */
  readonly auth?: boolean;
  /** Where keys and the histories of workflows are kept. Default: nowhere. */
  readonly dataDir?: string;
  /** Port of 127.0.0.1 on which a debugger may attach to the process that holds the app. Default: none. */
  readonly inspectPort?: number;
  /** Takes each line of the log, the app's included. A stack trace is one line with line breaks. */
  readonly onLog?: (line: string) => void;
  /** For tests. */
  readonly timings?: Partial<HostTimings>;
}

export interface HostExit {
  /** What the process would have ended with. */
  readonly code: number;
  readonly reason: string;
}

export interface LocalHost {
  /** Origin without a slash at the end: `http://127.0.0.1:7071`. */
  readonly url: string;
  /** The process that holds the app now; another one after a crash. */
  readonly workerPid: number;
  readonly functions: readonly ListedFunction[];
  /** Present where keys are asked for. */
  readonly keys?: AppKeys;
  /** Ends as SIGTERM ends the real host: nothing new is taken, what is in flight is awaited, `appTerminate` runs. */
  stop(): Promise<void>;
  /** Ends as a crash of the machine does: nobody is told, messages that were taken stay invisible. */
  kill(): Promise<void>;
  readonly exited: Promise<HostExit>;
}

/** @throws {SettingError} when a setting, the port or the app's registrations will not do; else what the app threw. */
export async function startLocalHost(options: LocalHostOptions): Promise<LocalHost> {
  const { settings, appDir = process.cwd() } = options;
  const timings = { ...hostTimings, ...options.timings };
  const hostJson = readHostJson(appDir, settings, options.hostJson);
  const log = createHostLog(hostJson.logging.logLevel, options.onLog ?? (() => {}));
  const worker = {
    appDir,
    entryFile: entryFileOf(appDir, options.entry),
    environment: workerEnvironment(settings, appDir),
    log,
    ...(options.inspectPort !== undefined && { inspectPort: options.inspectPort }),
  };
  const abandoned = new AbortController();
  const exit = Promise.withResolvers<HostExit>();
  const supervisor = await superviseWorker({
    start: () => startWorkerProcess(worker),
    log,
    secondRestartDelayMs: timings.secondRestartDelayMs,
    crashesInARowMs: timings.crashesInARowMs,
    onGivenUp: (reason) => void end({ code: 1, reason }),
  });
  let parts: Awaited<ReturnType<typeof startParts>>;
  try {
    parts = await startParts();
  } catch (error) {
    abandoned.abort();
    await endWorker(supervisor);
    throw error;
  }
  let stopping: Promise<void> | undefined;

  return {
    url: parts.url,
    functions: parts.listed,
    ...(parts.keys !== undefined && { keys: parts.keys }),
    get workerPid() {
      return supervisor.latest().pid;
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
    kill: () => end({ code: 137, reason: 'killed' }),
    exited: exit.promise,
  };

  async function startParts() {
    const functions = appFunctions(supervisor.latest().functions, settings);
    let durable: Durable | undefined;
    const invoker = createInvoker({
      log,
      extraInputs: (functionName) => durable?.clientInputs(functionName) ?? [],
      ...(hostJson.functionTimeout !== undefined && { functionTimeoutMs: hostJson.functionTimeout }),
      timeoutGraceMs: timings.timeoutGraceMs,
      replaceWorker: supervisor.replace,
    });
    const shared = { settings, log, invoker, timings, currentWorker: supervisor.current };
    durable = await startDurable({
      functions,
      settings: hostJson.extensions.durableTask,
      dataDir: options.dataDir,
      log,
      currentWorker: supervisor.current,
      startInvocation: invoker.start,
    });
    abandoned.signal.addEventListener('abort', () => durable?.close(), { once: true });
    const schedules = functions
      .filter((known) => known.trigger === 'timer')
      .map((timer) => ({ timer, schedule: readSchedule(timer) }));
    const startListeners = await prepareListeners(
      functions.filter((known) => known.trigger === 'queue'),
      { ...shared, queues: hostJson.extensions.queues, abandoned: abandoned.signal, onOutage },
    );
    const names = functions.filter((known) => known.trigger === 'http').map(({ name }) => name);
    const keys = options.auth === true ? loadKeys(options.dataDir, names) : undefined;
    const { http } = hostJson.extensions;
    const front = await startFront({
      ...shared,
      functions,
      http,
      keys,
      supervisor,
      port: options.port ?? 7071,
      runByHand: createRunByHand(supervisor.current, invoker),
      forwarderTimeoutMs: timings.forwarderTimeoutMs,
    });
    const url = `http://127.0.0.1:${front.port}`;
    const baseUrl = [url, http.routePrefix].filter((part) => part !== '').join('/');
    const listed = functions.map((known) => listFunction(known, baseUrl));
    log.write('information', 'Host', ['Functions:', ...listed.map(listedLine)].join('\n'));
    durable?.resume();
    return {
      url,
      listed,
      keys,
      front,
      invoker,
      durable,
      listeners: startListeners(),
      timers: schedules.map(({ timer, schedule }) => startTimer(timer, schedule, shared)),
    };
  }

  async function stop(): Promise<void> {
    const { front, listeners, timers, invoker, durable } = parts;
    for (const timer of timers) timer.stop();
    const drained = Promise.all([
      front.drain(),
      ...listeners.map((listener) => listener.stop()),
      durable?.stop(),
    ]);
    const limit = new AbortController();
    const tooLate = delay(timings.drainMs, 'too late' as const, { signal: limit.signal }).catch(
      () => undefined,
    );
    if ((await Promise.race([drained.then(() => invoker.idle()), tooLate])) === 'too late') {
      log.write('warning', 'Host', 'What was in flight did not end in time; it is given up.');
    }
    limit.abort();
    abandoned.abort();
    front.destroy();
    const closed = supervisor.close();
    await supervisor.latest().terminate(timings.terminateGraceMs);
    await closed;
    await endWorker(supervisor);
    exit.resolve({ code: 0, reason: 'stopped' });
  }

  async function end(how: HostExit): Promise<void> {
    abandoned.abort();
    for (const timer of parts.timers) timer.stop();
    parts.front.destroy();
    await endWorker(supervisor);
    exit.resolve(how);
  }

  function onOutage(error: Error): void {
    const reason = 'An unhandled exception has occurred. Host is shutting down.';
    log.write('critical', 'Host', `${reason} ${error.message}`);
    void end({ code: 1, reason: `${reason} ${error.message}` });
  }
}

/** Ends the worker at once, and one that was just being started too. */
async function endWorker(supervisor: WorkerSupervisor): Promise<void> {
  const closed = supervisor.close();
  await supervisor.latest().kill();
  await closed;
  await supervisor.latest().kill();
}

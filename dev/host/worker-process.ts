/**
 * The host's side of one worker process: starts it, has it load the app, hands it invocations, ends it.
 *
 * starting --started--> ready --exit or kill--> ended
 * An invocation that is in flight when the process ends fails with WorkerEndedError.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { HostLog } from './host-log.ts';
import type {
  FunctionMetadata,
  HostMessage,
  InvocationRequest,
  TypedData,
  WorkerMessage,
  WorkerMessages,
} from './rpc.ts';

/** As the real host's worker.config.json has it. */
const START_LIMIT_MS = 120_000;

/**
 * What Node allows the heap on an instance of 2,048 MB, the size that Flex Consumption begins with. By the memory of a
 * developer's machine V8 sets 128 MB aside for new objects alone, and takes heaps that Azure would end the process for.
 */
const INSTANCE_HEAP_MIB = 1120;

/** The app threw, or a hook or the conversion of its result did. `message` is what the worker said, stack included. */
export class InvocationFailedError extends Error {
  override readonly name = 'InvocationFailedError';
}

/** The worker process ended while the invocation was in flight. */
export class WorkerEndedError extends Error {
  override readonly name = 'WorkerEndedError';
}

export interface WorkerProcess {
  readonly pid: number;
  readonly functions: readonly FunctionMetadata[];
  /** Port of the library's own HTTP server; absent when the app has not switched HTTP streams on. */
  readonly httpPort?: number;
  /**
   * Runs one invocation to its end, and resolves with what its function returned where that means anything.
   * @throws {InvocationFailedError | WorkerEndedError}
   */
  invoke(request: InvocationRequest): Promise<TypedData | undefined>;
  /** Runs the app's terminate hooks and ends the process, by force after `graceMs`. Resolves when it has ended. */
  terminate(graceMs: number): Promise<void>;
  /** Ends the process at once. Resolves when it has ended. */
  kill(): Promise<void>;
  /** Resolves with how the process ended, as a phrase for the log. */
  readonly ended: Promise<string>;
}

interface Waiting {
  readonly resolve: (returnValue: TypedData | undefined) => void;
  readonly reject: (error: Error) => void;
}

export interface WorkerOptions {
  readonly appDir: string;
  /** Absolute path of the CommonJS file to load. */
  readonly entryFile: string;
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: HostLog;
  /** Port on which a debugger may attach. Default: none. */
  readonly inspectPort?: number;
}

/**
 * Starts a worker and waits until the app has registered everything.
 * @throws {Error} with what the app threw, or how the process ended, when it could not start.
 */
export async function startWorkerProcess(options: WorkerOptions): Promise<WorkerProcess> {
  const child = fork(join(import.meta.dirname, 'worker', 'main.ts'), {
    env: options.environment,
    execArgv: [
      '--enable-source-maps',
      `--max-heap-size=${INSTANCE_HEAP_MIB}`,
      ...(options.inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${options.inspectPort}`]),
    ],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (child.pid === undefined) await once(child, 'spawn');
  const waiting = new Map<string, Waiting>();
  // With a callback, or what a worker does not get that has just ended would end the host: how it ended is told by 'close'.
  const send = (message: HostMessage) => child.connected && child.send(message, () => undefined);

  // 'close' and not 'exit': what the worker sent before it ended is then read.
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => {
      const how = signal === null ? `node exited with code ${code}` : `node was ended by ${signal}`;
      for (const { reject } of waiting.values()) reject(new WorkerEndedError(how));
      waiting.clear();
      resolve(how);
    });
  });
  logOutput(child, options.log);
  onMessage(child, (message) => {
    if (message.type === 'log') {
      options.log.fromApp(message.level, message.category, message.message, message.functionName);
    }
    if (message.type === 'invoked') {
      const invocation = waiting.get(message.invocationId);
      waiting.delete(message.invocationId);
      if (message.error === undefined) invocation?.resolve(message.returnValue);
      else invocation?.reject(new InvocationFailedError(message.error));
    }
  });

  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const started = await startedApp(child, ended, send, options).catch(async (error) => {
    await kill();
    throw error;
  });

  return {
    pid: child.pid ?? 0,
    functions: started.functions,
    ...(started.httpUri !== undefined && { httpPort: Number(new URL(started.httpUri).port) }),
    ended,
    kill,
    invoke(request) {
      if (!child.connected) return Promise.reject(new WorkerEndedError('the worker has ended'));
      return new Promise((resolve, reject) => {
        waiting.set(request.invocationId, { resolve, reject });
        send({ type: 'invoke', request });
      });
    },
    async terminate(graceMs) {
      send({ type: 'terminate' });
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function onMessage(child: ChildProcess, take: (message: WorkerMessage) => void): void {
  child.on('message', (messages: WorkerMessages) => messages.forEach(take));
}

async function startedApp(
  child: ChildProcess,
  ended: Promise<string>,
  send: (message: HostMessage) => void,
  { appDir, entryFile }: WorkerOptions,
): Promise<WorkerMessage & { type: 'started' }> {
  const cannotLoad = (why: string) =>
    new Error(`Worker was unable to load entry point "${entryFile}": ${why}`);
  let limit: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      onMessage(child, (message) => {
        if (message.type === 'started') resolve(message);
        if (message.type === 'failed') reject(cannotLoad(message.error));
      });
      void ended.then((how) => reject(cannotLoad(how)));
      limit = setTimeout(
        () => reject(cannotLoad(`it took longer than ${START_LIMIT_MS / 1000} s`)),
        START_LIMIT_MS,
      );
      send({ type: 'start', appDir, entryFile });
    });
  } finally {
    clearTimeout(limit);
  }
}

function logOutput(child: ChildProcess, log: HostLog): void {
  for (const [stream, level] of [
    [child.stdout, 'information'],
    [child.stderr, 'error'],
  ] as const) {
    createInterface({ input: stream as Readable }).on('line', (line) =>
      log.write(level, 'Host.Function.Console', line),
    );
  }
}

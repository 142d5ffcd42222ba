/**
 * The worker: the process that holds the app. Started by worker-process.ts; everything it is told and tells goes
 * through the process channel, and it ends when that channel closes, however its parent ended.
 *
 * waiting --start--> loading --> serving --terminate--> terminating --> ended
 */
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import type { HostMessage, LogCategory, LogLevel, WorkerMessage, WorkerMessages } from '../rpc.ts';
import { runHooks, runLogHooks, supplyFunctionsCore } from './functions-core.ts';
import { onLoopback } from './loopback-server.ts';
import { runInvocation } from './run-invocation.ts';

const app = supplyFunctionsCore((level, category, message) => log({ level, category, message }));

process.once('disconnect', () => process.exit(1));
// Ctrl-C reaches the whole process group, but the drain is the host's: the worker ends when it is told to.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('message', (message: HostMessage) => void receive(message));

async function receive(message: HostMessage): Promise<void> {
  switch (message.type) {
    case 'start':
      try {
        await startApp(message.appDir, message.entryFile);
      } catch (error) {
        send({ type: 'failed', error: textOf(error) });
      }
      return;
    case 'invoke': {
      const { invocationId } = message.request;
      try {
        const returnValue = await runInvocation(app, message.request, log);
        send({ type: 'invoked', invocationId, ...(returnValue !== undefined && { returnValue }) });
      } catch (error) {
        send({ type: 'invoked', invocationId, error: textOf(error) });
      }
      return;
    }
    case 'terminate':
      await terminate();
      return;
    default:
      message satisfies never;
  }
}

async function startApp(appDir: string, entryFile: string): Promise<void> {
  const requireFromApp = createRequire(entryFile);
  requireFromApp(entryFile);
  await runHooks(app, 'appStart', {
    hookData: app.appLevelHookData,
    appHookData: app.appHookData,
    functionAppDirectory: appDir,
  });
  const model = app.programmingModel;
  const capabilities = await onLoopback(async () => (await model?.getCapabilities?.({})) ?? {});
  app.locked = true;
  const functions = [...app.functions.values()].map(({ metadata }) => metadata);
  const httpUri = capabilities.HttpUri;
  send({ type: 'started', functions, ...(httpUri !== undefined && { httpUri }) });
}

async function terminate(): Promise<void> {
  try {
    await runHooks(app, 'appTerminate', { hookData: app.appLevelHookData, appHookData: app.appHookData });
  } catch (error) {
    log({ level: 'error', category: 'system', message: `appTerminate hook: ${textOf(error)}` });
  }
  // The channel holds what was sent last; leaving before it is written would lose it.
  send({ type: 'log', level: 'debug', category: 'system', message: 'Worker ended.' });
  sendAll(() => process.exit(0));
}

function log(
  line: { level: LogLevel; category: LogCategory; message: string; functionName?: string },
  invocationContext?: unknown,
): void {
  send({ type: 'log', ...line, ...runLogHooks(app, line, invocationContext) });
}

const unsent: WorkerMessage[] = [];

/** A message through the channel takes longer than most of what it tells of: those of one turn go together. */
function send(message: WorkerMessage): void {
  if (unsent.push(message) === 1) setImmediate(() => sendAll());
}

function sendAll(sent?: () => void): void {
  if (process.connected)
    process.send?.(unsent.splice(0) satisfies WorkerMessages, undefined, undefined, sent);
}

// Where the app ends the process, what it said before is not to be lost.
process.once('exit', () => unsent.length > 0 && sendAll());

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error);
}

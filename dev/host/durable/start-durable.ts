/** Puts the workflow engine together: the app's orchestrators and activities, host.json's settings, the data folder. */
import { join } from 'node:path';
import type { AppFunction, WorkflowFunction } from '../functions.ts';
import type { HostJson } from '../host-json.ts';
import type { HostLog } from '../host-log.ts';
import type { StartInvocation } from '../invoker.ts';
import type { InputData, TypedData } from '../rpc.ts';
import type { WorkerProcess } from '../worker-process.ts';
import { instanceFiles } from './instance-files.ts';
import { startRpcServer } from './rpc-server.ts';
import { createTaskHub } from './task-hub.ts';

export interface DurableOptions {
  readonly functions: readonly AppFunction[];
  readonly settings: HostJson['extensions']['durableTask'];
  /** Absent: orchestrations end with the host. */
  readonly dataDir: string | undefined;
  readonly log: HostLog;
  readonly currentWorker: () => Promise<WorkerProcess>;
  readonly startInvocation: StartInvocation;
}

export interface Durable {
  /** What a function with client bindings gets for them. */
  clientInputs(functionName: string): readonly InputData[];
  /** Takes up what the last host left. */
  resume(): void;
  /** Takes up nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
  /** Closes at once, as a crash does, or after a stop. */
  close(): void;
}

/** Undefined where the app has nothing to do with workflows. */
export async function startDurable(options: DurableOptions): Promise<Durable | undefined> {
  const { functions, settings, log, currentWorker, startInvocation } = options;
  const clients = new Map(functions.map(({ name, clientNames }) => [name, clientNames]));
  const byName = new Map(functions.filter(isWorkflowFunction).map((known) => [known.name, known]));
  if (byName.size === 0 && [...clients.values()].every(({ length }) => length === 0)) return undefined;

  async function invoke(functionName: string, json: string): Promise<string> {
    const { done } = startInvocation(await currentWorker(), '(null)', {
      functionName,
      inputData: [{ name: byName.get(functionName)?.triggerName ?? '', data: { string: json } }],
      triggerMetadata: {},
    });
    return jsonOf(await done);
  }

  const { hubName, storageProvider } = settings;
  const folder = options.dataDir && join(options.dataDir, 'durable', hubName);
  const hub = createTaskHub({
    files: instanceFiles(folder),
    log,
    maxConcurrentActivities: settings.maxConcurrentActivityFunctions,
    maxConcurrentOrchestrators: settings.maxConcurrentOrchestratorFunctions,
    activityVisibilityMs: storageProvider.workItemQueueVisibilityTimeout,
    orchestratorVisibilityMs: storageProvider.controlQueueVisibilityTimeout,
    isGraceful: settings.useGracefulShutdown,
    isOrchestrator: (name) => byName.get(name)?.trigger === 'orchestration',
    isActivity: (name) => byName.get(name)?.trigger === 'activity',
    invoke,
  });
  const server = await startRpcServer(hub);
  const data = { json: JSON.stringify(clientData(hubName, server.baseUrl)) };

  return {
    clientInputs: (functionName) => (clients.get(functionName) ?? []).map((name) => ({ name, data })),
    resume: hub.resume,
    stop: hub.stop,
    close() {
      hub.abandon();
      server.close();
    },
  };
}

function isWorkflowFunction(known: AppFunction): known is WorkflowFunction {
  return known.trigger === 'orchestration' || known.trigger === 'activity';
}

/** What the library makes its client from. It calls `rpcBaseUrl`; the public addresses, which this host has not, are for others. */
function clientData(taskHubName: string, rpcBaseUrl: string): object {
  return {
    taskHubName,
    creationUrls: {},
    managementUrls: { id: 'INSTANCEID' },
    baseUrl: rpcBaseUrl,
    requiredQueryStringParameters: '',
    rpcBaseUrl,
  };
}

/** A returned value as the engine keeps it. */
function jsonOf(value: TypedData | undefined): string {
  if (value?.json !== undefined) return value.json;
  if (value?.bytes !== undefined) return JSON.stringify(Buffer.from(value.bytes).toString('base64'));
  return JSON.stringify(value?.string ?? value?.int ?? value?.double ?? null);
}

/** Starts a listener for each queue function, as host.json's `extensions.queues` says. */
import { availableParallelism } from 'node:os';
import type { QueueFunction } from '../functions.ts';
import type { HostJson } from '../host-json.ts';
import type { HostLog } from '../host-log.ts';
import type { Invoker } from '../invoker.ts';
import type { HostTimings } from '../timings.ts';
import type { WorkerProcess } from '../worker-process.ts';
import { poisonQueueOf } from './poison-queue.ts';
import { createPollingBackoff } from './polling-backoff.ts';
import { createMessageProcessor } from './process-message.ts';
import { type QueueListener, startQueueListener } from './queue-listener.ts';
import { connectQueues } from './storage-connection.ts';

const MAX_POLLING_INTERVAL_MS = 60_000;
const MAX_POLLING_INTERVAL_IN_DEVELOPMENT_MS = 2_000;

export interface ListenersOptions {
  readonly queues: HostJson['extensions']['queues'];
  readonly settings: Readonly<Record<string, string>>;
  readonly timings: HostTimings;
  readonly currentWorker: () => Promise<WorkerProcess>;
  readonly invoker: Invoker;
  readonly log: HostLog;
  readonly onOutage: (error: Error) => void;
  /** Aborts when the host ends abruptly. */
  readonly abandoned: AbortSignal;
}

/** Starts the listeners it was prepared for. */
export type StartListeners = () => QueueListener[];

/**
 * Connects every queue function to its queue.
 * @throws {SettingError} naming the connection that is not set.
 */
export async function prepareListeners(
  functions: readonly QueueFunction[],
  options: ListenersOptions,
): Promise<StartListeners> {
  const { queues, settings, timings, currentWorker, invoker, log, abandoned, onOutage } = options;
  const isDevelopment = (settings.AZURE_FUNCTIONS_ENVIRONMENT ?? 'Development') === 'Development';
  const maxIntervalMs =
    queues.maxPollingInterval ??
    (isDevelopment ? MAX_POLLING_INTERVAL_IN_DEVELOPMENT_MS : MAX_POLLING_INTERVAL_MS);

  const connected = await Promise.all(
    functions.map(async (queueFunction) => ({
      queueFunction,
      service: await connectQueues(settings, queueFunction.connection),
    })),
  );
  return () =>
    connected.map(({ queueFunction, service }) => {
      const queue = service.getQueueClient(queueFunction.queueName);
      return startQueueListener({
        queue,
        batchSize: queues.batchSize,
        newBatchThreshold: queues.newBatchThreshold ?? 8 * availableParallelism(),
        visibilitySeconds: timings.messageVisibilitySeconds,
        nextDelay: createPollingBackoff(maxIntervalMs),
        outageLimitMs: timings.storageOutageLimitMs,
        onOutage,
        log,
        abandoned,
        process: createMessageProcessor({
          queueFunction,
          queue,
          putPoison: poisonQueueOf(service, queueFunction.queueName),
          encoding: queues.messageEncoding,
          maxDequeueCount: queues.maxDequeueCount,
          retryDelaySeconds: queues.visibilityTimeout / 1000,
          visibilitySeconds: timings.messageVisibilitySeconds,
          currentWorker,
          invoker,
          log,
          abandoned,
        }),
      });
    });
}

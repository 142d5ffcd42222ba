/**
 * Takes messages from one queue and has them processed, a batch at a time.
 *
 * looking --found--> looking again as soon as no more than `newBatchThreshold` are in work
 *         --none---> waiting (polling-backoff.ts) --> looking
 *         --storage unreachable for too long--> given up
 * stop(): from any of them to stopped, once what was taken has been processed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type DequeuedMessageItem, type QueueClient, RestError } from '@azure/storage-queue';
import type { HostLog } from '../host-log.ts';
import type { NextPollDelay } from './polling-backoff.ts';
import type { ProcessMessage } from './process-message.ts';

export interface QueueListener {
  /** Takes nothing more. Resolves when what was taken has been processed. */
  stop(): Promise<void>;
}

export interface ListenerOptions {
  readonly queue: Pick<QueueClient, 'name' | 'receiveMessages'>;
  readonly process: ProcessMessage;
  readonly batchSize: number;
  /** At most this many in work when the next batch is taken. */
  readonly newBatchThreshold: number;
  readonly visibilitySeconds: number;
  readonly nextDelay: NextPollDelay;
  /** For how long storage may be unreachable. */
  readonly outageLimitMs: number;
  readonly onOutage: (error: Error) => void;
  readonly log: HostLog;
  /** Aborts when the host ends abruptly. */
  readonly abandoned: AbortSignal;
}

export function startQueueListener(options: ListenerOptions): QueueListener {
  const { queue, abandoned, log } = options;
  const stopping = new AbortController();
  const stopped = AbortSignal.any([stopping.signal, abandoned]);
  const inWork = new Set<Promise<void>>();
  let unreachableSince: number | undefined;

  async function listen(): Promise<void> {
    let hasFound = true;
    while (!stopped.aborted) {
      const messages = await take();
      for (const message of messages) {
        const work: Promise<void> = options.process(message).finally(() => inWork.delete(work));
        inWork.add(work);
      }
      if (messages.length === 0) {
        await delay(options.nextDelay(hasFound), undefined, { signal: stopped }).catch(() => {});
      }
      hasFound = messages.length > 0;
      while (inWork.size > options.newBatchThreshold && !abandoned.aborted) await Promise.race(inWork);
    }
  }

  /** Nothing is thrown: an outage is waited out by the same back-off as an empty queue. */
  async function take(): Promise<DequeuedMessageItem[]> {
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: options.batchSize,
        visibilityTimeout: options.visibilitySeconds,
        // A stop does not abort it: messages that storage had just handed over would be invisible for nobody.
        abortSignal: abandoned,
      });
      unreachableSince = undefined;
      return receivedMessageItems;
    } catch (error) {
      if (!abandoned.aborted) handleFailure(error as Error);
      return [];
    }
  }

  function handleFailure(error: Error): void {
    const status = error instanceof RestError ? error.statusCode : undefined;
    const hasAnswered = status === 404 || (status !== undefined && status >= 500);
    if (hasAnswered) unreachableSince = undefined;
    // Not there yet: the trigger does not make its queue.
    if (status === 404) return;
    log.write('warning', 'Host.Queues', `Queue '${queue.name}' could not be read: ${error.message}`);
    if (hasAnswered) return;
    unreachableSince ??= Date.now();
    if (Date.now() - unreachableSince < options.outageLimitMs) return;
    stopping.abort();
    options.onOutage(error);
  }

  const listening = listen();
  return {
    async stop() {
      stopping.abort();
      await listening;
      await Promise.all(inWork);
    },
  };
}

/** What becomes of one message that was taken: its handler runs, and the message is deleted, shown again, or poison. */
import type { QueueClient } from '@azure/storage-queue';
import type { QueueFunction } from '../functions.ts';
import type { HostLog } from '../host-log.ts';
import type { Invoker } from '../invoker.ts';
import type { WorkerProcess } from '../worker-process.ts';
import { type HeldMessage, holdMessage } from './held-message.ts';
import type { PutPoison } from './poison-queue.ts';
import {
  decodeMessage,
  type MessageEncoding,
  NotTextError,
  type QueueMessage,
  queueInvocation,
} from './queue-message.ts';

export interface MessageProcessing {
  readonly queueFunction: QueueFunction;
  readonly queue: QueueClient;
  /** Undefined: the queue has no poison queue. */
  readonly putPoison: PutPoison | undefined;
  readonly encoding: MessageEncoding;
  readonly maxDequeueCount: number;
  /** From a failure until the message can be taken again. */
  readonly retryDelaySeconds: number;
  /** For how long a message taken is invisible, unless renewed. */
  readonly visibilitySeconds: number;
  readonly currentWorker: () => Promise<WorkerProcess>;
  readonly invoker: Invoker;
  readonly log: HostLog;
  /** Aborts when the host ends abruptly: nothing more is done about any message. */
  readonly abandoned: AbortSignal;
}

export type ProcessMessage = (message: QueueMessage) => Promise<void>;

/** Never rejects: a message that could not be dealt with comes back by itself. */
export function createMessageProcessor(options: MessageProcessing): ProcessMessage {
  const { queueFunction, putPoison, log } = options;
  const { queueName } = queueFunction;

  return async function processMessage(message) {
    const held = holdMessage(options.queue, message, options.visibilitySeconds, log, options.abandoned);
    try {
      await decide(message, held);
    } catch (error) {
      if (!options.abandoned.aborted) {
        log.write('error', 'Host.Queues', `Message ${message.messageId}: ${(error as Error).message}`);
      }
    } finally {
      await held.letGo();
    }
  };

  async function decide(message: QueueMessage, held: HeldMessage): Promise<void> {
    const bytes = decodeMessage(message.messageText, options.encoding);
    if (bytes === undefined) {
      log.write(
        'error',
        'Host.Queues',
        `Message ${message.messageId} in '${queueName}' is not ${options.encoding}.`,
      );
      return await poison(message, held);
    }
    // A poison queue's own message, which nobody took away when it had failed too often.
    if (message.dequeueCount > options.maxDequeueCount) return await poison(message, held);
    if (await succeeds(message, bytes)) return await held.delete();
    if (options.abandoned.aborted) return;
    if (message.dequeueCount < options.maxDequeueCount) return await held.release(options.retryDelaySeconds);
    await poison(message, held);
  }

  async function succeeds(message: QueueMessage, bytes: Buffer): Promise<boolean> {
    try {
      const request = queueInvocation(queueFunction, message, bytes);
      const worker = await options.currentWorker();
      const reason = `New queue message detected on '${queueName}'.`;
      await options.invoker.start(worker, reason, request).done;
      return true;
    } catch (error) {
      if (error instanceof NotTextError) {
        const text = `Function '${queueFunction.name}' wants text: message ${message.messageId} is not UTF-8.`;
        log.write('error', 'Host.Queues', text);
      }
      return false;
    }
  }

  async function poison(message: QueueMessage, held: HeldMessage): Promise<void> {
    // Without a poison queue it is left as it is: invisible until its time is over, then again.
    if (putPoison === undefined) return;
    const where = `Moving message to queue '${queueName}-poison'.`;
    log.write(
      'error',
      'Host.Queues',
      `Message has reached MaxDequeueCount of ${options.maxDequeueCount}. ${where}`,
    );
    await putPoison(message.messageText);
    await held.delete();
  }
}

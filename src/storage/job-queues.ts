/** The job queue on Queue Storage, one queue a lane. */
import type { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { parseMessage } from '../jobs/deliver-job.ts';
import type { JobQueue, MessageReceipt } from '../jobs/ports.ts';
import type { LearningClock } from './storage-clock.ts';
import { calling } from './storage-errors.ts';

/** Storage's own default of seven days would lose a job that waits longer. */
const INFINITE = -1;
const LONGEST_DELAY_SECONDS = 7 * 86_400;

export function jobQueues(
  service: QueueServiceClient,
  queueNameOf: (lane: string | undefined) => string,
  clock: LearningClock,
): JobQueue {
  // Few, and each the work of a dozen objects to make.
  const queues = new Map<string | undefined, QueueClient>();
  function queueOf({ lane }: Pick<MessageReceipt, 'lane'>): QueueClient {
    const queue = queues.get(lane) ?? service.getQueueClient(queueNameOf(lane));
    queues.set(lane, queue);
    return queue;
  }
  return {
    async put(lane, message, delaySeconds) {
      // The trigger expects Base64 (host.json, messageEncoding); plain text would go to poison.
      const text = Buffer.from(JSON.stringify(message)).toString('base64');
      const answer = await calling('Put Message', () =>
        queueOf({ lane }).sendMessage(text, {
          messageTimeToLive: INFINITE,
          visibilityTimeout: Math.min(LONGEST_DELAY_SECONDS, Math.max(0, Math.ceil(delaySeconds))),
        }),
      );
      clock.learn(answer.date);
      return { lane, messageId: answer.messageId, popReceipt: answer.popReceipt };
    },
    async hold(receipt, seconds) {
      const { messageId, popReceipt } = receipt;
      const answer = await calling('Update Message', () =>
        // Without a text the message keeps its own.
        queueOf(receipt).updateMessage(messageId, popReceipt, undefined, seconds),
      );
      return { ...receipt, popReceipt: answer.popReceipt ?? popReceipt };
    },
    async remove(receipt) {
      const { messageId, popReceipt } = receipt;
      await calling('Delete Message', () => queueOf(receipt).deleteMessage(messageId, popReceipt));
    },
    async peek(lane) {
      const answer = await calling('Peek Messages', () => queueOf({ lane }).peekMessages());
      clock.learn(answer.date);
      const [front] = answer.peekedMessageItems;
      return front === undefined ? 'empty' : { job: refIn(front.messageText), putAt: front.insertedOn };
    },
    async count(lane) {
      const answer = await calling('Get Queue Metadata', () => queueOf({ lane }).getProperties());
      clock.learn(answer.date);
      return answer.approximateMessagesCount ?? 0;
    },
  };
}

/** The job that a message names; undefined for a foreign one. */
function refIn(messageText: string): string | undefined {
  try {
    return parseMessage(JSON.parse(Buffer.from(messageText, 'base64').toString()))?.job;
  } catch {
    return undefined;
  }
}

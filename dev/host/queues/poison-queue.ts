/** Where messages go that failed too often: `{queue}-poison`, made on demand. */
import type { QueueServiceClient } from '@azure/storage-queue';

const POISON_TIME_TO_LIVE_SECONDS = 7 * 24 * 60 * 60;

/** Puts a copy of a message's text, as it is on the wire, into the poison queue. */
export type PutPoison = (messageText: string) => Promise<void>;

/** Undefined for a queue that is itself a poison queue: it has none. */
export function poisonQueueOf(service: QueueServiceClient, queueName: string): PutPoison | undefined {
  if (queueName.endsWith('-poison')) return undefined;
  const queue = service.getQueueClient(`${queueName}-poison`);
  return async (messageText) => {
    const put = () => queue.sendMessage(messageText, { messageTimeToLive: POISON_TIME_TO_LIVE_SECONDS });
    try {
      await put();
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 404) throw error;
      await queue.createIfNotExists();
      await put();
    }
  };
}

/**
 * Plays the Functions host's queue trigger by hand, one delivery at a time: hides a message while it is handled, deletes
 * it afterwards, returns it after 30 s where the handler failed or its worker died, moves it to poison after the fifth time.
 */
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import hostJson from '../../../host.json' with { type: 'json' };
import { parseMessage } from '../../../src/jobs/deliver-job.ts';
import type { Instance, Outcome } from './instance.ts';
import type { JobStorage } from './job-storage.ts';

/** What the real host hides a message for while it is handled. */
const HIDDEN_SECONDS = 600;
/** `visibilityTimeout` in host.json. */
const RETURNS_AFTER_SECONDS = 30;
const { maxDequeueCount } = hostJson.extensions.queues;

export interface Delivery {
  readonly queue: 'requests' | 'poison';
  readonly dequeueCount: number;
  readonly outcome: Outcome<void>;
}

export interface QueueHost {
  /** Delivers the next message that is due, poison last; undefined where none is. */
  deliverNext(instance: Instance): Promise<Delivery | undefined>;
  /**
   * Delivers until both queues are empty, moving time where nothing is due. Each delivery gets an instance of its own.
   * @throws {Error} where `most` deliveries have not emptied them.
   */
  playOn(next: () => Instance, most: number): Promise<readonly Delivery[]>;
}

/** @param beforeDelete called while the handler has returned and its message is still there */
export function queueHost(
  storage: JobStorage,
  beforeDelete: (message: { job: string }) => Promise<void> = async () => undefined,
): QueueHost {
  const { requests, poison } = storage;

  async function handle(
    instance: Instance,
    queue: QueueClient,
    item: DequeuedMessageItem,
  ): Promise<Outcome<void>> {
    const message = parseMessage(JSON.parse(Buffer.from(item.messageText, 'base64').toString('utf8')));
    if (message === undefined)
      throw new Error(`the app put a message that names no job: ${item.messageText}`);
    const outcome = await instance.run((app) =>
      queue === poison ? app.revive(message) : app.deliver(message, item.dequeueCount),
    );
    if (outcome.is === 'answered') {
      await beforeDelete(message);
      await queue.deleteMessage(item.messageId, item.popReceipt);
    } else if (queue === requests && item.dequeueCount >= maxDequeueCount) {
      await poison.sendMessage(item.messageText);
      await queue.deleteMessage(item.messageId, item.popReceipt);
    } else {
      await queue.updateMessage(item.messageId, item.popReceipt, item.messageText, RETURNS_AFTER_SECONDS);
    }
    return outcome;
  }

  async function deliverNext(instance: Instance): Promise<Delivery | undefined> {
    for (const queue of [requests, poison]) {
      const { receivedMessageItems } = await queue.receiveMessages({ visibilityTimeout: HIDDEN_SECONDS });
      const [item] = receivedMessageItems;
      if (item === undefined) continue;
      return {
        queue: queue === requests ? 'requests' : 'poison',
        dequeueCount: item.dequeueCount,
        outcome: await handle(instance, queue, item),
      };
    }
    return undefined;
  }

  return {
    deliverNext,
    async playOn(next, most) {
      const deliveries: Delivery[] = [];
      while ((await storage.countMessages()) > 0) {
        if (deliveries.length === most) {
          throw new Error(`messages are left after ${most} deliveries: they multiply or go round`);
        }
        const delivery = await deliverNext(next());
        if (delivery === undefined) await storage.advance(RETURNS_AFTER_SECONDS + 1);
        else deliveries.push(delivery);
      }
      return deliveries;
    },
  };
}

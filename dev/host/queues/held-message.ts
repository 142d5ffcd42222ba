/**
 * A message that this host has taken: kept invisible while its handler runs, then deleted, or shown again.
 *
 * held --renew every half of the visibility--> held --delete or release--> gone
 * --abandon--> nothing more is said to storage: it stays invisible until its time is over, as after a crash
 */
import type { QueueClient } from '@azure/storage-queue';
import type { HostLog } from '../host-log.ts';
import type { QueueMessage } from './queue-message.ts';

export interface HeldMessage {
  delete(): Promise<void>;
  /** Makes the message visible again after this time. */
  release(delaySeconds: number): Promise<void>;
  /** Stops the renewal alone. */
  letGo(): Promise<void>;
}

/** @param abandoned aborts when the host ends abruptly. */
export function holdMessage(
  queue: QueueClient,
  message: QueueMessage,
  visibilitySeconds: number,
  log: HostLog,
  abandoned: AbortSignal,
): HeldMessage {
  let popReceipt = message.popReceipt;
  let renewing = Promise.resolve();

  const update = async (seconds: number) => {
    const updated = await queue.updateMessage(message.messageId, popReceipt, undefined, seconds, {
      abortSignal: abandoned,
    });
    popReceipt = updated.popReceipt ?? popReceipt;
  };
  const timer = setInterval(
    () => {
      renewing = update(visibilitySeconds).catch((error) => warn('renewed', error));
    },
    (visibilitySeconds * 1000) / 2,
  );
  const stopRenewing = () => clearInterval(timer);
  abandoned.addEventListener('abort', stopRenewing, { once: true });

  const warn = (what: string, error: Error) => {
    if (abandoned.aborted) return;
    log.write(
      'warning',
      'Host.Queues',
      `Message ${message.messageId} could not be ${what}: ${error.message}`,
    );
  };
  const letGo = async () => {
    stopRenewing();
    abandoned.removeEventListener('abort', stopRenewing);
    // A renewal in flight will change the receipt that the next call needs.
    await renewing;
  };
  return {
    letGo,
    async delete() {
      await letGo();
      if (abandoned.aborted) return;
      await queue
        .deleteMessage(message.messageId, popReceipt, { abortSignal: abandoned })
        .catch((error) => warn('deleted', error));
    },
    async release(delaySeconds) {
      await letGo();
      if (abandoned.aborted) return;
      await update(delaySeconds).catch((error) => warn('released', error));
    },
  };
}

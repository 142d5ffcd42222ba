/** Makes the containers and queues, once at start and never per job; an app that started without storage makes them later. */
import type { BlobServiceClient } from '@azure/storage-blob';
import type { QueueServiceClient } from '@azure/storage-queue';
import { calling } from './storage-errors.ts';

/** Resolves once everything is there. Throws StorageUnavailable; the next call then tries again. */
export type Prepared = () => Promise<void>;

export function preparing(
  blobs: BlobServiceClient,
  queues: QueueServiceClient,
  names: { containers: readonly string[]; queues: readonly string[] },
): Prepared {
  let made: Promise<void> | undefined;

  async function make(): Promise<void> {
    await Promise.all([
      ...names.containers.map((name) =>
        calling('Create Container', () => blobs.getContainerClient(name).createIfNotExists()),
      ),
      ...names.queues.map((name) =>
        calling('Create Queue', () => queues.getQueueClient(name).createIfNotExists()),
      ),
    ]);
  }

  return function prepared() {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

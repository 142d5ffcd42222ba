/**
 * The storage of a test file that moves time: an Azurite of its own with the app's real adapters on it. What a test
 * does through these is done by nobody's fault; the app under test goes through instance.ts.
 */
import type { ContainerClient } from '@azure/storage-blob';
import type { QueueClient } from '@azure/storage-queue';
import type { JobQueue, JobStore, SweepPlace, UploadStore } from '../../../src/jobs/ports.ts';
import type { ScratchStore } from '../../../src/jobs/workflow-ports.ts';
import { storageClients } from '../../../src/storage/clients.ts';
import { jobBlobs } from '../../../src/storage/job-blobs.ts';
import { jobQueues } from '../../../src/storage/job-queues.ts';
import {
  APP_CONTAINER,
  JOBS_CONTAINER,
  poisonQueueNameOf,
  queueNameOf,
  SCRATCH_CONTAINER,
  UPLOADS_CONTAINER,
} from '../../../src/storage/names.ts';
import { preparing } from '../../../src/storage/prepare.ts';
import { scratchBlobs } from '../../../src/storage/scratch-blobs.ts';
import { type LearningClock, storageClock } from '../../../src/storage/storage-clock.ts';
import { sweepBlob } from '../../../src/storage/sweep-blob.ts';
import { uploadBlobs } from '../../../src/storage/upload-blobs.ts';
import { startTestAzurite } from '../../support/azurite.ts';

export interface JobStorage {
  readonly store: JobStore;
  readonly uploads: UploadStore;
  readonly queue: JobQueue;
  readonly place: SweepPlace;
  readonly clock: LearningClock;
  readonly scratch: ScratchStore;
  readonly scratchContainer: ContainerClient;
  readonly container: ContainerClient;
  readonly uploadContainer: ContainerClient;
  readonly requests: QueueClient;
  readonly poison: QueueClient;
  /** Moves storage's time forward. */
  advance(seconds: number): Promise<void>;
  /** Storage's time. */
  now(): Date;
  /** Messages in both queues, hidden ones included. */
  countMessages(): Promise<number>;
  stop(): Promise<void>;
}

export async function startJobStorage(): Promise<JobStorage> {
  const azurite = await startTestAzurite();
  const { blobs, queues } = storageClients(
    { kind: 'connection-string', name: 'JobStorage', connectionString: azurite.connectionString },
    'work',
  );
  const queueNames = [queueNameOf(undefined), poisonQueueNameOf(undefined)];
  await preparing(blobs, queues, {
    containers: [JOBS_CONTAINER, UPLOADS_CONTAINER, SCRATCH_CONTAINER, APP_CONTAINER],
    queues: queueNames,
  })();
  const clock = storageClock();
  const container = blobs.getContainerClient(JOBS_CONTAINER);
  const uploadContainer = blobs.getContainerClient(UPLOADS_CONTAINER);
  const scratchContainer = blobs.getContainerClient(SCRATCH_CONTAINER);
  const requests = queues.getQueueClient(queueNameOf(undefined));
  const poison = queues.getQueueClient(poisonQueueNameOf(undefined));

  return {
    store: jobBlobs(container, clock),
    uploads: uploadBlobs(uploadContainer, clock),
    queue: jobQueues(queues, queueNameOf, clock),
    place: sweepBlob(blobs.getContainerClient(APP_CONTAINER)),
    clock,
    scratch: scratchBlobs(scratchContainer),
    scratchContainer,
    container,
    uploadContainer,
    requests,
    poison,
    advance: azurite.advance,
    now: azurite.now,
    async countMessages() {
      const counts = await Promise.all([requests, poison].map((queue) => queue.getProperties()));
      return counts.reduce((sum, { approximateMessagesCount = 0 }) => sum + approximateMessagesCount, 0);
    },
    stop: azurite.stop,
  };
}

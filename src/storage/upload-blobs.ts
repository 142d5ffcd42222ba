/** Uploads on Blob Storage. Clients write them; the app reads. */
import type { ContainerClient } from '@azure/storage-blob';
import { ConditionLost } from '../jobs/errors.ts';
import type { UploadStore } from '../jobs/ports.ts';
import { contentOf } from './blob-content.ts';
import { listPage, quoted } from './list-page.ts';
import type { LearningClock } from './storage-clock.ts';
import { callingMaybe } from './storage-errors.ts';

/** @param container the container `uploads` */
export function uploadBlobs(container: ContainerClient, clock: LearningClock): UploadStore {
  return {
    async look(ref) {
      const answer = await callingMaybe('Get Blob Properties', () =>
        container.getBlobClient(ref).getProperties(),
      );
      if (answer === undefined) return undefined;
      clock.learn(answer.date);
      const updatedAt = answer.lastModified ?? new Date(0);
      return {
        ref,
        etag: answer.etag ?? '',
        contentType: answer.contentType ?? 'application/octet-stream',
        contentEncoding: answer.contentEncoding,
        sizeBytes: answer.contentLength ?? 0,
        updatedAt,
        observedAt: answer.date ?? updatedAt,
      };
    },
    async open(ref, etag, { offset, count }) {
      const conditions = { ifMatch: etag };
      try {
        const answer = await callingMaybe('Get Blob', () =>
          container.getBlobClient(ref).download(offset, count, { maxRetryRequests: 0, conditions }),
        );
        return answer && contentOf(answer);
      } catch (error) {
        if (error instanceof ConditionLost) return undefined;
        throw error;
      }
    },
    async list(page) {
      const answer = await listPage(container, page);
      if (answer === undefined) return { uploads: [] };
      clock.learn(answer.date);
      const uploads = answer.segment.blobItems.map(({ name, properties }) => ({
        ref: name,
        etag: quoted(properties.etag),
        contentType: properties.contentType ?? 'application/octet-stream',
        sizeBytes: properties.contentLength ?? 0,
        updatedAt: properties.lastModified,
        observedAt: answer.date ?? properties.lastModified,
      }));
      return { uploads, marker: answer.continuationToken || undefined };
    },
    async delete(ref, etag) {
      const conditions = { ifMatch: etag };
      await callingMaybe('Delete Blob', () => container.getBlobClient(ref).delete({ conditions }));
    },
  };
}

/** The job store on Blob Storage: each method is one call of docs/design.md, section 2, with its guard. */

import type { BlobClient, BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { type Job, type JobFields, LEASE_SECONDS, type LeaseState } from '../jobs/job.ts';
import type { ContentHeaders, Guard, JobStore, Taken } from '../jobs/ports.ts';
import { contentOf } from './blob-content.ts';
import { fromMetadata, type Metadata, toMetadata } from './job-metadata.ts';
import { listPage, quoted } from './list-page.ts';
import type { LearningClock } from './storage-clock.ts';
import { calling, callingMaybe, unlessLost } from './storage-errors.ts';

/**
 * A job whose time is over: what stands for discarded blocks until it is deleted. Should that fail, or the app die before it, the sweep
 * removes it, and a start under the same key takes its place; a blob that is no job would keep that key for ever.
 */
const OVER: JobFields = {
  operation: 'none',
  state: 'Canceled',
  attempt: 1,
  limit: 1,
  waiting: false,
  recovered: 0,
  createdAt: new Date(0),
  retentionSeconds: 0,
  params: {},
};

/** @param container the container `jobs` */
export function jobBlobs(container: ContainerClient, clock: LearningClock): JobStore {
  const blob = (ref: string): BlockBlobClient => container.getBlockBlobClient(ref);
  const learned = <A extends { date?: Date }>(answer: A): A => {
    clock.learn(answer.date);
    return answer;
  };
  const ifAbsent = { conditions: { ifNoneMatch: '*' } };

  async function download(
    ref: string,
    offset: number,
    count?: number,
    etag?: string,
  ): Promise<Taken | undefined> {
    const answer = await callingMaybe('Get Blob', () =>
      // No resumption by the SDK: it insists on an ETag that progress changes. See request-content.ts.
      (blob(ref) as BlobClient).download(offset, count, {
        maxRetryRequests: 0,
        ...(etag !== undefined && { conditions: { ifMatch: etag } }),
      }),
    );
    if (answer === undefined) return undefined;
    const content = contentOf(answer);
    const total = /\/(\d+)$/.exec(answer.contentRange ?? '')?.[1];
    const job = jobOf(ref, learned(answer), total === undefined ? answer.contentLength : Number(total));
    if (job === undefined) {
      content.destroy();
      return undefined;
    }
    return { job, content };
  }

  return {
    async create(ref, fields, headers, content) {
      const answer = await calling('Put Blob', async () =>
        learned(
          await blob(ref).upload(content, content.length, {
            ...contentOptions(fields, headers),
            ...ifAbsent,
          }),
        ),
      );
      return answer.etag ?? '';
    },
    async createFromBlocks(ref, fields, headers, blockIds) {
      await calling('Put Block List', async () =>
        learned(
          await blob(ref).commitBlockList([...blockIds], { ...contentOptions(fields, headers), ...ifAbsent }),
        ),
      );
    },
    async stageBlock(ref, blockId, content, lease) {
      await calling('Put Block', () =>
        blob(ref).stageBlock(
          blockId,
          content,
          content.length,
          lease === undefined ? {} : { conditions: { leaseId: lease } },
        ),
      );
    },
    async discardBlocks(ref, isMine) {
      if (isMine !== undefined) {
        const list = await calling('Get Block List', () => blob(ref).getBlockList('uncommitted'));
        if (!(list.uncommittedBlocks ?? []).every(({ name }) => isMine(name))) return;
      }
      // Not an empty Put Blob: where only blocks are staged, Azurite refuses that as if the blob were there.
      const empty = await calling('Put Block List', () =>
        blob(ref).commitBlockList([], { metadata: toMetadata(OVER), ...ifAbsent }),
      );
      await calling('Delete Blob', () =>
        blob(ref).delete(empty.etag === undefined ? {} : { conditions: { ifMatch: empty.etag } }),
      );
    },
    take: (ref) => download(ref, 0),
    takeRange: (ref, { offset, count }, etag) => download(ref, offset, count, etag),
    async look(ref) {
      const answer = await callingMaybe('Get Blob Properties', () => blob(ref).getProperties());
      return answer && jobOf(ref, learned(answer), answer.contentLength);
    },
    async acquireLease(ref, lease, etag) {
      await calling('Acquire Lease', () =>
        blob(ref)
          .getBlobLeaseClient(lease)
          .acquireLease(LEASE_SECONDS, { conditions: { ifMatch: etag } }),
      );
    },
    async renewLease(ref, lease) {
      await calling('Renew Lease', () => blob(ref).getBlobLeaseClient(lease).renewLease());
    },
    // Nothing to release or break: the lease has ended otherwise, or the blob is gone.
    async releaseLease(ref, lease) {
      await unlessLost(calling('Release Lease', () => blob(ref).getBlobLeaseClient(lease).releaseLease()));
    },
    async breakLease(ref) {
      await unlessLost(calling('Break Lease', () => blob(ref).getBlobLeaseClient().breakLease(0)));
    },
    async write(ref, fields, guard) {
      const answer = await calling('Set Blob Metadata', async () =>
        learned(await blob(ref).setMetadata(toMetadata(fields), { conditions: conditionsOf(guard) })),
      );
      return answer.etag ?? '';
    },
    async publish(ref, fields, headers, content, guard) {
      await calling('Put Blob', async () =>
        learned(
          await blob(ref).upload(content, content.length, {
            ...contentOptions(fields, headers),
            conditions: conditionsOf(guard),
          }),
        ),
      );
    },
    async publishBlocks(ref, fields, headers, blockIds, guard) {
      await calling('Put Block List', async () =>
        learned(
          await blob(ref).commitBlockList([...blockIds], {
            ...contentOptions(fields, headers),
            conditions: conditionsOf(guard),
          }),
        ),
      );
    },
    async delete(ref, etag) {
      const options = etag === undefined ? {} : { conditions: { ifMatch: etag } };
      const answer = await callingMaybe('Delete Blob', () => blob(ref).delete(options));
      return answer !== undefined;
    },
    async list({ size, marker }) {
      const page = await listPage(container, { size, marker }, { includeMetadata: true });
      if (page === undefined) return { jobs: [] };
      learned(page);
      const jobs = page.segment.blobItems.flatMap(
        ({ name, metadata, properties }) =>
          jobOf(
            name,
            { metadata, date: page.date, ...properties, etag: quoted(properties.etag) },
            properties.contentLength,
          ) ?? [],
      );
      return { jobs, marker: page.continuationToken || undefined };
    },
  };
}

function conditionsOf({ etag, lease }: Guard) {
  return { ifMatch: etag, ...(lease !== undefined && { leaseId: lease }) };
}

function contentOptions(fields: JobFields, { contentType, contentDisposition }: ContentHeaders) {
  return {
    metadata: toMetadata(fields),
    blobHTTPHeaders: {
      blobContentType: contentType,
      ...(contentDisposition !== undefined && { blobContentDisposition: contentDisposition }),
    },
  };
}

interface BlobAnswer {
  readonly metadata?: Metadata | undefined;
  readonly etag?: string;
  readonly leaseState?: string;
  readonly lastModified?: Date;
  readonly date?: Date | undefined;
  readonly contentType?: string;
  readonly contentDisposition?: string;
}

const LEASE_STATES: Readonly<Record<string, LeaseState>> = {
  leased: 'live',
  expired: 'expired',
  breaking: 'broken',
  broken: 'broken',
};

function jobOf(ref: string, answer: BlobAnswer, sizeBytes: number | undefined): Job | undefined {
  const read = fromMetadata(answer.metadata ?? {});
  if (read === undefined) return undefined;
  const updatedAt = answer.lastModified ?? new Date(0);
  return {
    ...read.fields,
    ref,
    layout: read.layout,
    etag: answer.etag ?? '',
    lease: LEASE_STATES[answer.leaseState ?? ''] ?? 'none',
    updatedAt,
    observedAt: answer.date ?? updatedAt,
    contentType: answer.contentType ?? 'application/octet-stream',
    contentDisposition: answer.contentDisposition,
    sizeBytes: sizeBytes ?? 0,
  };
}

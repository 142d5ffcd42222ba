/**
 * What a client wrote to storage itself, at a URL that the app gave it, to start jobs from. It is not copied: the request
 * of such a job is a small document that names the upload, with the ETag and size it had when the job was started.
 */
import * as z from 'zod';
import { Refusal } from './errors.ts';
import { isRef } from './identity.ts';
import type { Registry, Upload, UploadStore } from './ports.ts';
import { resumedContent } from './resumed-content.ts';

/** The content type of a request that only names an upload. No operation takes it, so no client can send one. */
export const UPLOADED_REQUEST_TYPE = 'application/vnd.request-reply.upload+json';

const document = z.object({
  upload: z.string().refine(isRef),
  etag: z.string().min(1),
  contentType: z.string(),
  sizeBytes: z.int().min(0),
});

/** What a job keeps of the upload it was started from. */
export type UploadedRequest = Readonly<z.infer<typeof document>>;

export function toUploadedRequest({ ref, etag, contentType, sizeBytes }: Upload): Buffer {
  return Buffer.from(JSON.stringify({ upload: ref, etag, contentType, sizeBytes } satisfies UploadedRequest));
}

/** Throws for what {@link toUploadedRequest} did not write. */
export function fromUploadedRequest(bytes: Uint8Array): UploadedRequest {
  return document.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

const DAY_SECONDS = 86_400;

/**
 * How long an upload is kept after its last write: as long as the job of any operation, so that an operator can retry one
 * that failed; a day at least, since jobs wait in a queue.
 */
export function uploadRetentionSeconds(registry: Registry): number {
  return Math.max(DAY_SECONDS, ...[...registry.values()].map(({ retentionSeconds }) => retentionSeconds));
}

/** Throws Refusal: `upload-unknown`, also for one whose time is over, removed or not. */
export async function findUpload(
  uploads: Pick<UploadStore, 'look'>,
  ref: string,
  retentionSeconds: number,
): Promise<Upload> {
  const upload = await uploads.look(ref);
  if (upload === undefined) throw uploadUnknown();
  if (isUploadExpired(upload, retentionSeconds)) throw uploadUnknown();
  return upload;
}

/** Whether an upload's time is over; it is then unknown, and a pending job that names it fails. */
export function isUploadExpired({ observedAt, updatedAt }: Upload, retentionSeconds: number): boolean {
  return (observedAt.getTime() - updatedAt.getTime()) / 1000 >= retentionSeconds;
}

/** One answer for what was never made, is not finished, is no longer kept, or is another's. */
export function uploadUnknown(): Refusal {
  return new Refusal(
    'upload-unknown',
    'There is no such upload: nothing has been written to its URL yet, or its time is over.',
  );
}

/**
 * Yields the bytes that were there when the job was started, and never a mixture with others.
 * @throws Refusal `upload-changed`; what broke the connection, once it has broken too often
 */
export async function* uploadContent(
  uploads: Pick<UploadStore, 'open'>,
  { upload: ref, etag, sizeBytes }: Pick<UploadedRequest, 'upload' | 'etag' | 'sizeBytes'>,
): AsyncGenerator<Uint8Array> {
  // Storage has no range of no bytes.
  if (sizeBytes === 0) return;
  const open = async (range: { offset: number; count: number }) => {
    const content = await uploads.open(ref, etag, range);
    if (content === undefined) throw uploadChanged();
    return content;
  };
  yield* resumedContent(await open({ offset: 0, count: sizeBytes }), { offset: 0, end: sizeBytes }, open);
}

function uploadChanged(): Refusal {
  return new Refusal(
    'upload-changed',
    'The upload has been written again or removed since the job was started from it.',
  );
}

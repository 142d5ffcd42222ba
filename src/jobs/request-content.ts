/** The request as an operation reads it, wherever it is kept: in the job's own blob, or as an upload that the blob names. */
import { Readable } from 'node:stream';
import { collect } from './json-request.ts';
import type { JobStore, Taken, UploadStore } from './ports.ts';
import { reopening } from './reopen-content.ts';
import { resumedContent } from './resumed-content.ts';
import { fromUploadedRequest, UPLOADED_REQUEST_TYPE, uploadContent } from './upload.ts';

export interface RequestContentDependencies {
  readonly store: Pick<JobStore, 'takeRange'>;
  readonly uploads: Pick<UploadStore, 'open'>;
}

export interface RequestContent {
  /** The `Content-Type` header as it was sent. */
  readonly contentTypeHeader: string;
  readonly sizeBytes: number;
  /** Fails with a Refusal (`upload-changed`) where the upload is no longer what it was. The signal destroys it. */
  readonly content: Readable;
}

/** Throws StorageUnavailable. */
export async function requestContent(
  { store, uploads }: RequestContentDependencies,
  taken: Taken,
  signal: AbortSignal,
): Promise<RequestContent> {
  const { ref, contentType, sizeBytes } = taken.job;
  const kept = resumedContent(
    taken.content,
    { offset: 0, end: sizeBytes },
    reopening(store, ref, ({ state }) => state === 'Pending'),
  );
  if (contentType !== UPLOADED_REQUEST_TYPE) {
    return { contentTypeHeader: contentType, sizeBytes, content: readable(kept, signal) };
  }
  const uploaded = fromUploadedRequest(await collect(kept));
  return {
    contentTypeHeader: uploaded.contentType,
    sizeBytes: uploaded.sizeBytes,
    content: readable(uploadContent(uploads, uploaded), signal),
  };
}

function readable(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Readable {
  const content = Readable.from(chunks, { objectMode: false, signal });
  // The end of an attempt destroys what its operation did not read; without a listener that would end the process.
  content.on('error', () => undefined);
  return content;
}

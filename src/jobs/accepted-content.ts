/** What an accepted job keeps as its request: the body as it arrives, or a document that names an upload. */
import type { Operation } from '../operations/operation.ts';
import { refuseEncoded } from './content-encoding.ts';
import { acceptedAs } from './content-type.ts';
import { Refusal, StorageUnavailable } from './errors.ts';
import { collect, parseJsonRequest } from './json-request.ts';
import type { Upload, UploadStore } from './ports.ts';
import { findUpload, toUploadedRequest, UPLOADED_REQUEST_TYPE, uploadContent } from './upload.ts';

/** A body as it came in, not yet read, or the upload that stands for it. */
export interface IncomingContent {
  /** The `Content-Type` header. */
  readonly contentType: string | undefined;
  /** The `Content-Encoding` header. */
  readonly contentEncoding?: string | undefined;
  /** The `Content-Length` header in bytes; undefined where the body is chunked. */
  readonly contentLength: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** The ref of the upload that is the request; of the rest nothing counts then. */
  readonly upload?: string | undefined;
}

export interface AcceptedContent {
  readonly contentType: string;
  /** Read once. May throw Refusal (`request-too-large`, `request-incomplete`) up to its end. */
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface AcceptedContentDependencies {
  readonly uploads: UploadStore;
  readonly maxRequestBytes: number;
  readonly uploadRetentionSeconds: number;
}

/**
 * A JSON request is read and validated before it is answered, wherever it is; a stream of bytes is left to the operation.
 * Throws Refusal (`upload-unknown`, `upload-changed`, `content-type-unsupported`,
 * `content-encoding-unsupported`, `request-too-large`, `request-incomplete`, `request-malformed`, `request-invalid`) and StorageUnavailable.
 */
export async function acceptContent(
  { uploads, maxRequestBytes, uploadRetentionSeconds }: AcceptedContentDependencies,
  operation: Operation,
  incoming: IncomingContent,
): Promise<AcceptedContent> {
  if (incoming.upload !== undefined) {
    const upload = await findUpload(uploads, incoming.upload, uploadRetentionSeconds);
    const { schema } = acceptedAs(operation, upload.contentType);
    refuseEncoded(upload.contentEncoding);
    if (schema !== undefined) {
      if (upload.sizeBytes > maxRequestBytes) throw tooLarge('upload', maxRequestBytes);
      await parseJsonRequest(await collect(readUpload(uploads, upload)), schema);
    }
    return { contentType: UPLOADED_REQUEST_TYPE, chunks: [toUploadedRequest(upload)] };
  }
  const { schema } = acceptedAs(operation, incoming.contentType);
  refuseEncoded(incoming.contentEncoding);
  if ((incoming.contentLength ?? 0) > maxRequestBytes) throw tooLarge('body', maxRequestBytes);
  const contentType = incoming.contentType ?? 'application/octet-stream';
  const chunks = upTo(maxRequestBytes, complete(incoming));
  if (schema === undefined) return { contentType, chunks };
  const bytes = await collect(chunks);
  await parseJsonRequest(bytes, schema);
  return { contentType, chunks: [bytes] };
}

async function* readUpload(uploads: UploadStore, upload: Upload): AsyncGenerator<Uint8Array> {
  try {
    yield* uploadContent(uploads, { ...upload, upload: upload.ref });
  } catch (error) {
    if (error instanceof Refusal || error instanceof StorageUnavailable) throw error;
    throw new StorageUnavailable('Get Blob', { cause: error });
  }
}

/** Counts, because a chunked body announces no length. */
async function* upTo(maxBytes: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge('body', maxBytes);
    yield chunk;
  }
}

/** A body that breaks off was never sent whole: the client has gone, or said another length. */
async function* complete({ body, contentLength }: IncomingContent): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw new Refusal('request-incomplete', 'The body broke off before its end.', { cause });
  }
  if (contentLength !== undefined && bytes !== contentLength) {
    throw new Refusal(
      'request-incomplete',
      `The body has ${bytes} bytes where ${contentLength} were announced.`,
    );
  }
}

function tooLarge(what: 'body' | 'upload', maxBytes: number): Refusal {
  const whose = what === 'body' ? 'The body' : 'The upload, a JSON request,';
  return new Refusal('request-too-large', `${whose} exceeds ${maxBytes} bytes (MAX_REQUEST_BYTES).`);
}

/**
 * Sends a large request straight to storage, by a URL that the app gave for it. In blocks: a broken connection costs one
 * block and not the whole, and what has arrived can be counted.
 * https://learn.microsoft.com/rest/api/storageservices/put-block
 */
import { type Sender, send, whole } from './send.ts';

const BLOCK_BYTES = 8 * 1024 * 1024;
/** Storage takes no more of them in one blob. */
const MOST_BLOCKS = 50_000;
const BLOCKS_AT_ONCE = 4;

/** What the app answers to `POST /api/uploads`. */
export interface UploadUrl {
  readonly id: string;
  /** Works without any other credential, until `expiresAt`. */
  readonly uploadUrl: string;
  readonly expiresAt: string;
}

/** An upload under way, as JSON can keep it. It holds the URL: keep it as secret as a key. */
export interface UploadState extends UploadUrl {
  readonly blockBytes: number;
  /** Numbers of the blocks that storage has. */
  readonly sentBlocks: readonly number[];
}

export interface UploadProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
  /** Given to another `upload` of the same data, continues from here. */
  readonly state: UploadState;
}

export interface BlocksOptions {
  readonly contentType: string;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export function newUpload({ id, uploadUrl, expiresAt }: UploadUrl, sizeBytes: number): UploadState {
  const blockBytes = Math.max(BLOCK_BYTES, Math.ceil(sizeBytes / MOST_BLOCKS));
  return { id, uploadUrl, expiresAt, blockBytes, sentBlocks: [] };
}

/** Sends the blocks that are not there yet, then makes the blob of them. Throws what `send` throws. */
export async function sendBlocks(
  sender: Sender,
  data: Blob,
  upload: UploadState,
  { contentType, onProgress, signal }: BlocksOptions,
): Promise<void> {
  const { blockBytes } = upload;
  const count = Math.ceil(data.size / blockBytes);
  const sent = new Set(upload.sentBlocks);
  const left = Array.from({ length: count }, (_, number) => number).filter((number) => !sent.has(number));
  const blockOf = (number: number) => data.slice(number * blockBytes, (number + 1) * blockBytes);
  const sentBytes = () => [...sent].reduce((bytes, number) => bytes + blockOf(number).size, 0);
  const put = (query: string, body: Blob | string, headers: Record<string, string>) =>
    // No credentials of any kind: the URL is one, and storage refuses a second.
    send(
      sender,
      `${upload.uploadUrl}&${query}`,
      { method: 'PUT', body, headers, signal: signal ?? null, credentials: 'omit' },
      whole,
    );

  async function sendThoseLeft(): Promise<void> {
    for (let number = left.shift(); number !== undefined; number = left.shift()) {
      try {
        await put(`comp=block&blockid=${blockId(number)}`, blockOf(number), {});
      } catch (error) {
        // The others finish the block they are at, and `state` then knows of it.
        left.length = 0;
        throw error;
      }
      sent.add(number);
      const state = { ...upload, sentBlocks: [...sent] };
      onProgress?.({ sentBytes: sentBytes(), totalBytes: data.size, state });
    }
  }

  const senders = await Promise.allSettled(Array.from({ length: BLOCKS_AT_ONCE }, sendThoseLeft));
  for (const each of senders) if (each.status === 'rejected') throw each.reason;
  const ids = Array.from({ length: count }, (_, number) => `<Latest>${blockId(number)}</Latest>`);
  await put('comp=blocklist', `<BlockList>${ids.join('')}</BlockList>`, {
    'x-ms-blob-content-type': contentType,
  });
}

/** Base64 of one length, as storage wants it; of six digits it needs no escaping in a URL. */
function blockId(number: number): string {
  return btoa(String(number).padStart(6, '0'));
}

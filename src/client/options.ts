/** What the client's functions take. */
import type { UploadProgress, UploadState } from './upload.ts';

export interface ClientOptions {
  /** What stands before `/api`: `https://my-app.azurewebsites.net`. Of the origin that the app's own `Location` names. */
  readonly baseUrl: string;
  /** A function key. Sent with starts and uploads only: a job's own URLs need none. */
  readonly key?: string;
  /** The function key of uploads, where it is another. Default: `key`. */
  readonly uploadKey?: string;
  /** A bearer token, where App Service authentication is on, or what fetches a fresh one. */
  readonly token?: string | (() => string | Promise<string>);
  /** How often a request is repeated after a network error, 429, 502, 503 or 504. Default: 5. */
  readonly maxRetries?: number;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
}

/** What the operation is to work on: a JSON value, bytes, or what was uploaded before, by its id. */
export type JobRequest =
  | { readonly json: unknown }
  | { readonly body: NonNullable<RequestInit['body']>; readonly contentType?: string }
  | { readonly upload: string };

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface WaitOptions extends CallOptions {
  /** Have the app hold each request up to so long, and answer when the job ends. Default: 0, polls paced by `Retry-After`. */
  readonly waitSeconds?: number;
}

export interface SubmitOptions extends WaitOptions {
  /** The operation's query parameters. */
  readonly params?: Readonly<Record<string, string>>;
  /** Default: one made for this call, so that its retries start one job. Give your own to survive a restart of the caller. */
  readonly idempotencyKey?: string;
}

export interface ReplyOptions extends CallOptions {
  /** Where the bytes come from. Default: `storage`. */
  readonly through?: 'storage' | 'app';
}

export interface UploadOptions extends CallOptions {
  /** What the operation will see. Default: the blob's own type. */
  readonly contentType?: string;
  /** Called after each block, of 8 MiB or more. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Continues an upload of the same data. */
  readonly resume?: UploadState;
}

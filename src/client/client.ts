/**
 * The contract of docs/design.md, section 3, as functions: for browsers and Node.js 20 or newer, without a dependency.
 * Credentials go to the app's own origin alone. A redirect is never followed, since `fetch` would take a key along to
 * storage: the URL of a reply is asked for with `reply=link` and fetched bare.
 */
import { JobEndedError, ProblemError } from './errors.ts';
import type {
  CallOptions,
  ClientOptions,
  JobRequest,
  ReplyOptions,
  SubmitOptions,
  UploadOptions,
  WaitOptions,
} from './options.ts';
import { type Answer, type Sender, send, sleep, whole } from './send.ts';
import { hasEnded, type JobReference, jobUrl, type StatusDocument } from './status-document.ts';
import { newUpload, sendBlocks, type UploadUrl } from './upload.ts';

export type Client = ReturnType<typeof createClient>;

/** Every function rejects with ProblemError for an error answer, with the signal's reason, or with what `fetch` throws. */
export function createClient(options: ClientOptions) {
  const { baseUrl, key, uploadKey = key, token } = options;
  const sender: Sender = { fetch: options.fetch ?? fetch, maxRetries: options.maxRetries ?? 5 };
  const api = `${baseUrl.replace(/\/+$/, '')}/api`;
  /** When the document's `Retry-After` has passed, in ms since 1970. */
  const dueAt = new WeakMap<object, number>();

  async function ask<T>(
    url: URL | string,
    init: RequestInit,
    signal: AbortSignal | undefined,
    read: (response: Response) => T | Promise<T>,
  ): Promise<T> {
    const headers = new Headers(init.headers);
    if (token !== undefined && new URL(url).origin === new URL(baseUrl).origin) {
      headers.set('authorization', `Bearer ${typeof token === 'function' ? await token() : token}`);
    }
    return send(sender, url, { redirect: 'manual', ...init, headers, signal: signal ?? null }, read);
  }

  /** @param from when `Retry-After` begins to count, in ms since 1970 */
  function documentOf({ text, retryAfterMs }: Answer, from = Date.now()): StatusDocument {
    const document = JSON.parse(text) as StatusDocument;
    dueAt.set(document, from + retryAfterMs);
    return document;
  }

  /** Starts a job. With `waitSeconds` the document may already be that of its end. */
  async function submit(
    operation: string,
    request: JobRequest,
    { params, idempotencyKey, waitSeconds = 0, signal }: SubmitOptions = {},
  ): Promise<StatusDocument> {
    const askedAt = Date.now();
    const query = new URLSearchParams(params);
    const headers = new Headers({ ...keyHeader(key), 'idempotency-key': quoted(idempotencyKey ?? newKey()) });
    const init: RequestInit & { duplex?: 'half' } = { method: 'POST', headers };
    if ('upload' in request) query.set('upload', request.upload);
    else if ('json' in request) {
      headers.set('content-type', 'application/json');
      init.body = JSON.stringify(request.json);
    } else {
      if (request.contentType !== undefined) headers.set('content-type', request.contentType);
      init.body = request.body;
      if (request.body instanceof ReadableStream) init.duplex = 'half';
    }
    if (waitSeconds > 0) {
      query.set('wait', String(Math.ceil(waitSeconds)));
      query.set('reply', 'link');
    }
    const search = query.size === 0 ? '' : `?${query}`;
    const url = `${api}/operations/${encodeURIComponent(operation)}${search}`;
    return documentOf(await ask(url, init, signal, whole), waitSeconds > 0 ? askedAt : undefined);
  }

  /** The job as it is now, or as it is at its end if that comes within `waitSeconds`. */
  async function poll(
    job: JobReference,
    { waitSeconds = 0, signal }: WaitOptions = {},
  ): Promise<StatusDocument> {
    if (waitSeconds > 0) {
      const askedAt = Date.now();
      const query = { pending: '202', reply: 'link', wait: String(Math.ceil(waitSeconds)) };
      try {
        // Counted from the question: a server that held it has made us wait already, one that did not has not.
        return documentOf(await ask(jobUrl(job, '', query), {}, signal, whole), askedAt);
      } catch (error) {
        // A job that ended without a reply answers with its problem; its monitor has the document.
        if (!(error instanceof ProblemError)) throw error;
      }
    }
    return documentOf(await ask(jobUrl(job, '/status'), {}, signal, whole));
  }

  /** The job's documents until that of its end, each asked for when the one before said so (`Retry-After`). */
  async function* statuses(job: JobReference, options: WaitOptions = {}): AsyncGenerator<StatusDocument> {
    let isHeld = (options.waitSeconds ?? 0) > 0;
    let known: JobReference | StatusDocument = job;
    for (;;) {
      if (typeof known === 'object') {
        if ('status' in known && hasEnded(known)) return;
        // Whoever is held until the end need not put off the first question.
        if (!isHeld) await sleep((dueAt.get(known) ?? 0) - Date.now(), options.signal);
      }
      isHeld = false;
      const document = await poll(known, options);
      yield document;
      known = document;
    }
  }

  /** Resolves with the document of the job's success. @throws {JobEndedError} where it failed or was canceled */
  async function wait(
    job: JobReference | StatusDocument,
    { onStatus, ...options }: WaitOptions & { readonly onStatus?: (job: StatusDocument) => void } = {},
  ): Promise<StatusDocument> {
    let last = job;
    for await (const document of statuses(job, options)) {
      onStatus?.(document);
      last = document;
    }
    const ended = last as StatusDocument;
    if (ended.status !== 'Succeeded') throw new JobEndedError(ended);
    return ended;
  }

  /**
   * The reply of a job that succeeded, straight from storage, or through the app where a client cannot reach storage.
   * @throws {ProblemError} `job-pending`, `job-canceled`, or the failure of a job that failed
   */
  async function reply(
    job: JobReference,
    { through = 'storage', signal }: ReplyOptions = {},
  ): Promise<Response> {
    if (through === 'app') {
      try {
        return await ask(jobUrl(job, '', { pending: '404', reply: 'stream' }), {}, signal, asItIs);
      } catch (error) {
        // A reply too large to stream here is redirected to; a browser does not show where, and calls the status 0.
        if (!(error instanceof ProblemError && [0, 302].includes(error.status))) throw error;
      }
    }
    const link = jobUrl(job, '', { pending: '404', reply: 'link' });
    const { replyUrl = '' } = documentOf(await ask(link, {}, signal, whole));
    // The URL is all the credentials there are, and storage refuses a second one.
    const bare: RequestInit = { credentials: 'omit', referrerPolicy: 'no-referrer', signal: signal ?? null };
    return send(sender, replyUrl, bare, asItIs);
  }

  /** Ends a pending job. @throws {ProblemError} `job-finished` where it has ended otherwise */
  async function cancel(job: JobReference, { signal }: CallOptions = {}): Promise<StatusDocument> {
    return documentOf(await ask(jobUrl(job, '/cancel'), { method: 'POST' }, signal, whole));
  }

  /** Removes the job and its reply, canceling it if it is pending. @throws {ProblemError} `job-unknown` */
  async function remove(job: JobReference, { signal }: CallOptions = {}): Promise<void> {
    try {
      await ask(jobUrl(job), { method: 'DELETE' }, signal, whole);
    } catch (error) {
      // Gone at the second try: the first one did it, and its answer was lost.
      if (!(error instanceof ProblemError && error.status === 404 && error.isAfterRetry)) throw error;
    }
  }

  /** Sends a request of any size straight to storage and resolves with its id, to be submitted as `{ upload: id }`. */
  async function upload(
    data: Blob,
    { contentType = data.type || 'application/octet-stream', onProgress, resume, signal }: UploadOptions = {},
  ): Promise<string> {
    const state = resume ?? newUpload(await uploadUrl(signal), data.size);
    await sendBlocks(sender, data, state, { contentType, onProgress, signal });
    return state.id;
  }

  async function uploadUrl(signal?: AbortSignal): Promise<UploadUrl> {
    const init = { method: 'POST', headers: keyHeader(uploadKey) };
    return JSON.parse((await ask(`${api}/uploads`, init, signal, whole)).text) as UploadUrl;
  }

  return { submit, poll, statuses, wait, reply, cancel, delete: remove, upload };
}

/** A reply is its reader's to read. */
function asItIs(response: Response): Response {
  return response;
}

/** A string of RFC 9651, section 3.3.3. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function keyHeader(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { 'x-functions-key': key };
}

/** Not `randomUUID`, which browsers have on https pages only. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

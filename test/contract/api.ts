/** The HTTP contract as a client knows it, from docs/design.md, section 3, alone: nothing here is taken from src/. */
import { expect } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { noteContent } from '../support/secrets.ts';
import { noteSecretsIn } from '../support/seen-secrets.ts';
import { type AppUnderTest, keyFor, urlAt } from './app-under-test.ts';
import { expectDescribed } from './described-answer.ts';

/** An answer with its body read; redirects are not followed. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface Question {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ReadableStream;
}

export interface StatusDocument {
  readonly id?: string;
  readonly ref: string;
  readonly operation: string;
  readonly status: 'NotStarted' | 'Running' | 'Succeeded' | 'Failed' | 'Canceled';
  readonly location: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly updatedAt: string;
  readonly completedAt?: string;
  readonly attempt: number;
  readonly percentComplete?: number;
  readonly message?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly reason?: string };
  readonly resourceLocation?: string;
  readonly replyUrl?: string;
  readonly replyUrlExpiresAt?: string;
  readonly expiresAt?: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** A job as its client holds it. */
export interface StartedJob {
  readonly id: string;
  readonly ref: string;
  readonly location: string;
  readonly monitor: string;
}

export type DelayRequest = {
  readonly seconds: number;
  readonly steps?: number;
  readonly outcome?: 'succeed' | 'reject' | 'throw' | 'crash';
  readonly succeedOnAttempt?: number;
  readonly replyBytes?: number;
};

/** What `POST /api/uploads` answers. */
export interface NewUpload {
  readonly id: string;
  readonly uploadUrl: string;
  readonly expiresAt: string;
}

export const JSON_TYPE = { 'content-type': 'application/json' };

/**
 * Asks once, notes what must be in no log, and holds the answer to the app's openapi.json and to what holds wherever the app runs:
 * no answer names its inner address, and a job is its owner's alone.
 */
export async function ask(
  app: AppUnderTest,
  method: string,
  target: string,
  { headers = {}, body }: Question = {},
): Promise<Answer> {
  const url = urlAt(app, target);
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...keyFor(app, method, url), ...headers },
    ...(body !== undefined && { body, duplex: 'half' }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const answer = { status: response.status, headers: response.headers, bytes, text: bytes.toString() };
  if (body !== undefined && !(body instanceof ReadableStream)) noteContent(body);
  noteAnswer(answer);
  await expectDescribed(app, method, url, answer);
  if (app.innerHost !== undefined) {
    expect(JSON.stringify([...answer.headers]) + answer.text).not.toContain(app.innerHost);
  }
  await expectOwnersAlone(app, answer.headers.get('operation-location'));
  return answer;
}

/** What of an answer must be in no log. Status documents are no content: they begin with ref and operation, as lines of the log do. */
function noteAnswer({ headers, bytes, text }: Answer): void {
  const isJson = headers.get('content-type')?.includes('json') ?? false;
  if (isJson) noteSecretsIn(text);
  if (!isJson || !text.includes('"createdAt":')) noteContent(bytes);
}

const seenMonitors = new Set<string>();

/** Asks for a job that was just started as somebody else does, and as nobody: it is not there, and stays as it is. */
async function expectOwnersAlone({ others }: AppUnderTest, monitor: string | null): Promise<void> {
  if (others === undefined || monitor === null || seenMonitors.has(monitor)) return;
  seenMonitors.add(monitor);
  const job = new URL(monitor).pathname.replace(/\/status$/, '');
  for (const [method, path] of [
    ['GET', job],
    ['GET', `${job}/status`],
    ['GET', `${job}?reply=stream`],
    ['POST', `${job}/cancel`],
    ['DELETE', job],
  ] as const) {
    problemOf(await ask({ url: others.stranger }, method, path), 404, 'job-unknown');
    problemOf(await ask({ url: others.nobody }, method, path), 401, 'unauthenticated');
  }
}

/** Posts a request to an operation; JSON unless its headers say otherwise. */
export function post(
  app: AppUnderTest,
  operation: string,
  body: Question['body'],
  headers: Readonly<Record<string, string>> = JSON_TYPE,
) {
  return ask(
    app,
    'POST',
    `/api/operations/${operation}`,
    body === undefined ? { headers } : { headers, body },
  );
}

/**
 * The operation that the suite works with. The files in on-workflow/ run the very same tests on `delay-workflow`: a caller
 * cannot tell which it called.
 */
export function delayName(): 'delay' | 'delay-workflow' {
  return expect.getState().testPath?.includes('on-workflow') ? 'delay-workflow' : 'delay';
}

/** Starts {@link delayName}. @param query of the start: `?pending=404` */
export async function startDelay(
  app: AppUnderTest,
  request: DelayRequest,
  query = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<StartedJob> {
  const answer = await post(app, `${delayName()}${query}`, JSON.stringify(request), {
    ...JSON_TYPE,
    ...headers,
  });
  return startedBy(answer);
}

export async function newUpload(app: AppUnderTest, question: Question = {}): Promise<NewUpload> {
  const answer = await ask(app, 'POST', '/api/uploads', question);
  expect(`${answer.status} ${answer.text}`).toMatch(/^201 /);
  return JSON.parse(answer.text) as NewUpload;
}

/** Writes to an upload's URL as any HTTP client would, in one request. Resolves with storage's status. */
export async function putUpload(
  { uploadUrl }: NewUpload,
  body: string | Uint8Array,
  contentType: string,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': contentType, ...more };
  const response = await fetch(uploadUrl, { method: 'PUT', body, headers });
  await response.arrayBuffer();
  return response.status;
}

/** An upload that has been made. */
export async function uploaded(
  app: AppUnderTest,
  body: string | Uint8Array,
  contentType: string,
): Promise<NewUpload> {
  const upload = await newUpload(app);
  expect(await putUpload(upload, body, contentType)).toBe(201);
  return upload;
}

/** The job that an answer to a start names. */
export function startedBy(answer: Answer): StartedJob {
  expect(`${answer.status} ${answer.text}`).toMatch(/^202 /);
  const { id = '', ref } = documentOf(answer);
  return {
    id,
    ref,
    location: answer.headers.get('location') ?? '',
    monitor: answer.headers.get('operation-location') ?? '',
  };
}

export function documentOf(answer: Answer): StatusDocument {
  expect(answer.headers.get('content-type')).toBe('application/json');
  return JSON.parse(answer.text) as StatusDocument;
}

/** Resolves with the status document once it has one of these statuses. */
export function untilStatus(
  app: AppUnderTest,
  job: StartedJob,
  ...statuses: readonly StatusDocument['status'][]
): Promise<StatusDocument> {
  return eventually(
    async () => {
      const document = documentOf(await ask(app, 'GET', job.monitor));
      if (statuses.includes(document.status)) return document;
      throw new Error(`The job is still ${document.status}, not ${statuses.join(' or ')}.`);
    },
    { timeoutMs: 30_000, intervalMs: 50 },
  );
}

export function untilEnded(app: AppUnderTest, job: StartedJob): Promise<StatusDocument> {
  return untilStatus(app, job, 'Succeeded', 'Failed', 'Canceled');
}

/** Holds an answer to be a problem document of this status and code, and returns it. */
export function problemOf(answer: Answer, status: number, code: string): Problem {
  expect(`${answer.status} ${answer.text}`).toContain(`${status} {`);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const problem = JSON.parse(answer.text) as Problem;
  expect(problem).toEqual({
    type: `urn:problem-type:request-reply:${code}`,
    title: expect.stringMatching(/\S/),
    status,
    detail: expect.stringMatching(/\S/),
    instance: expect.stringMatching(/^\/[^?]*$/),
    ...(problem.errors !== undefined && { errors: expect.any(Array) }),
  });
  return problem;
}

/** The whole seconds of an answer's `Retry-After`, which is at least 1. */
export function retryAfterOf(answer: Answer): number {
  const text = answer.headers.get('retry-after') ?? 'no Retry-After';
  expect(text).toMatch(/^[1-9]\d*$/);
  return Number(text);
}

/** The parts that answers in openapi.json are put together from: headers, bodies, problems. */
import * as z from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { problemSchema, statusDocumentSchema } from '../documents.ts';
import { type ProblemCode, problems, problemType } from '../problem.ts';

export type Answers = ZodOpenApiOperationObject['responses'];

const text = (id: string, description: string) => z.string().meta({ description, header: { id } });

/** Every header that an answer may carry beside those of HTTP itself and of CORS. */
export const headers = {
  'Cache-Control': text('CacheControl', 'Job pages are never to be kept: `no-store`'),
  Location: z.url().meta({ description: 'Where to go on', header: { id: 'Location' } }),
  'Operation-Location': z
    .url()
    .meta({ description: 'The status monitor of the job', header: { id: 'OperationLocation' } }),
  'Retry-After': z
    .int()
    .min(1)
    .meta({ description: 'Whole seconds after which to ask again', header: { id: 'RetryAfter' } }),
  'Preference-Applied': z
    .string()
    .regex(/^wait=\d+$/)
    .meta({
      description: 'The wait that was applied, where `Prefer` asked for one',
      header: { id: 'PreferenceApplied' },
    }),
  Accept: text('Accept', 'Content types that would have been taken'),
  'Accept-Encoding': text('AcceptEncoding', 'Content encodings that would have been taken: `identity`'),
  'WWW-Authenticate': text('WwwAuthenticate', 'How to sign in'),
  ETag: text('ETag', 'Of the reply, for `If-Range`'),
  'Accept-Ranges': text('AcceptRanges', 'The unit of `Range`: `bytes`'),
  'Content-Range': text('ContentRange', 'The part of the reply that this is, and its size'),
  'Content-Disposition': text('ContentDisposition', 'The file name to save the reply by'),
  'X-Content-Type-Options': text('XContentTypeOptions', 'The type is what it says: `nosniff`'),
  'Content-Security-Policy': text(
    'ContentSecurityPolicy',
    'What the answer may do, should it be shown as a page',
  ),
  'Referrer-Policy': text('ReferrerPolicy', 'The URL of the job goes to nobody else: `no-referrer`'),
};
export type HeaderName = keyof typeof headers;

/** @param optional headers that come with some of these answers only */
export function withHeaders(always: readonly HeaderName[], optional: readonly HeaderName[] = []) {
  return z.object(
    Object.fromEntries([
      ...(['Cache-Control', ...always] as const).map((name) => [name, headers[name]]),
      ...optional.map((name) => [name, headers[name].optional()]),
    ]),
  );
}

/** An answer with a JSON document. */
export function jsonAnswer(
  description: string,
  schema: z.ZodType,
  more: Partial<ZodOpenApiResponseObject> = {},
): ZodOpenApiResponseObject {
  return { description, headers: withHeaders([]), content: { 'application/json': { schema } }, ...more };
}

/** An answer with the status document of a job. */
export function statusAnswer(
  description: string,
  more: Partial<ZodOpenApiResponseObject> = {},
): ZodOpenApiResponseObject {
  return jsonAnswer(description, statusDocumentSchema, more);
}

/** An answer without a body. */
export function emptyAnswer(
  description: string,
  more: Partial<ZodOpenApiResponseObject> = {},
): ZodOpenApiResponseObject {
  return { description, headers: withHeaders([]), ...more };
}

/** An answer with bytes of one of these types; JSON is one more that `json` describes. */
export function bytesContent(contentTypes: readonly string[]) {
  const bytes = { schema: { type: 'string' as const, format: 'binary' } };
  return Object.fromEntries(contentTypes.map((contentType) => [contentType, bytes]));
}

/** Headers that come with problems of a code, always. */
const headersOfProblem: Partial<Record<ProblemCode, readonly HeaderName[]>> = {
  'content-type-unsupported': ['Accept'],
  'content-encoding-unsupported': ['Accept-Encoding'],
  unauthenticated: ['WWW-Authenticate'],
  'backlog-full': ['Retry-After'],
  'job-pending': ['Location', 'Retry-After'],
  'job-running': ['Retry-After'],
  'job-newer': ['Retry-After'],
  'range-not-satisfiable': ['Content-Range'],
  'storage-unavailable': ['Retry-After'],
};

/** What any answer of the app may be. */
const ANYWHERE: readonly ProblemCode[] = ['storage-unavailable', 'internal-error'];

/** The problems of these codes, one answer for each status. */
export function problemAnswers(...codes: readonly ProblemCode[]): Answers {
  const ofStatus = Map.groupBy(new Set([...codes, ...ANYWHERE]), (code) => problems[code].status);
  return Object.fromEntries(
    [...ofStatus].map(([status, ofThis]) => [String(status), problemAnswer(status, ofThis)]),
  );
}

/** The statuses of an OperationError, and that of a job whose attempts ran out. */
const FAILED_JOB_STATUSES = [400, 409, 413, 415, 422, 500];

/**
 * What a job answers beside success, the problems of these codes among it: a failed job's own problem, whose
 * code may be one that only its operation knows.
 * @param headersOfEnd that answers to a job's end may carry
 */
export function failedJobAnswers(
  codes: readonly ProblemCode[],
  headersOfEnd: readonly HeaderName[],
): Answers {
  const ofStatus = Map.groupBy(new Set([...codes, ...ANYWHERE]), (code) => problems[code].status);
  const statuses = new Set([...ofStatus.keys(), ...FAILED_JOB_STATUSES]);
  return Object.fromEntries(
    [...statuses].map((status) => [
      String(status),
      problemAnswer(status, ofStatus.get(status) ?? [], headersOfEnd),
    ]),
  );
}

function problemAnswer(
  status: number,
  codes: readonly ProblemCode[],
  headersOfEnd?: readonly HeaderName[],
): ZodOpenApiResponseObject {
  const isAnyCode = headersOfEnd !== undefined && FAILED_JOB_STATUSES.includes(status);
  const named = new Set(codes.flatMap((code) => headersOfProblem[code] ?? []));
  const isAlways = (name: HeaderName) =>
    !isAnyCode && codes.every((code) => headersOfProblem[code]?.includes(name));
  const always = [...named].filter(isAlways);
  const sometimes = [...named].filter((name) => !isAlways(name));
  const summaries = codes.map((code) => `${problems[code].title} (\`${code}\`)`);
  return {
    description: [...(isAnyCode ? ['The job failed'] : []), ...summaries].join('; '),
    headers: withHeaders(always, [...sometimes, ...(headersOfEnd ?? [])]),
    content: {
      'application/problem+json': {
        schema: {
          $ref: '#/components/schemas/Problem',
          properties: {
            status: { const: status },
            ...(!isAnyCode && { type: { enum: codes.map(problemType) } }),
          },
        },
      },
    },
  };
}

/** The schemas that answers refer to by name. */
export const namedSchemas = { Problem: problemSchema };

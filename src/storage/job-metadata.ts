/**
 * Job fields as blob metadata and back. Metadata is ASCII, under 8 KiB in all, and readable by whoever holds a reply's
 * SAS: no id, no owner, no secret belongs here. Names are one lower-case word, since HTTP does not keep their case.
 */
import {
  type JobFields,
  type JobProblem,
  type JobState,
  LAYOUT,
  type Params,
  transitions,
} from '../jobs/job.ts';
import { TRACEPARENT } from '../jobs/ports.ts';

export type Metadata = Record<string, string>;

/** Encoded length of the longest texts, so that all of it stays under 8 KiB beside 2 KiB of parameters. */
const MOST_TEXT_BYTES = 1500;
const MOST_CODE_BYTES = 100;

/** JSON in ASCII: what is not is escaped, and so are control characters. */
function ascii(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function shortened(text: string, mostBytes = MOST_TEXT_BYTES): string {
  let short = text;
  while (ascii(short).length > mostBytes) short = `${short.slice(0, Math.floor(short.length * 0.8))}…`;
  return short;
}

/** Only what is set is written: Set Blob Metadata replaces all, so what is left out is cleared. */
export function toMetadata(fields: JobFields): Metadata {
  const {
    notBefore,
    handedAt,
    startedAt,
    percentComplete,
    message,
    problem,
    token,
    fingerprint,
    traceparent,
  } = fields;
  return {
    v: String(LAYOUT),
    operation: fields.operation,
    state: fields.state,
    attempt: String(fields.attempt),
    limit: String(fields.limit),
    created: fields.createdAt.toISOString(),
    retention: String(fields.retentionSeconds),
    ...(Object.keys(fields.params).length > 0 && { params: ascii(fields.params) }),
    ...(token !== undefined && { token }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(traceparent !== undefined && { traceparent }),
    ...(fields.waiting && { waiting: '1' }),
    ...(fields.recovered > 0 && { recovered: String(fields.recovered) }),
    ...(fields.lost && { lost: String(fields.lost) }),
    ...(notBefore && { notbefore: notBefore.toISOString() }),
    ...(handedAt && { handed: handedAt.toISOString() }),
    ...(startedAt && { started: startedAt.toISOString() }),
    ...(percentComplete !== undefined && { percent: String(percentComplete) }),
    ...(message !== undefined && { message: ascii(shortened(message)) }),
    ...(problem && { problem: ascii(shortenedProblem(problem)) }),
  };
}

function shortenedProblem(problem: JobProblem): JobProblem {
  const { reason } = problem;
  return {
    code: shortened(problem.code, MOST_CODE_BYTES),
    status: problem.status,
    detail: shortened(problem.detail),
    ...(reason !== undefined && { reason: shortened(reason) }),
  };
}

/**
 * Undefined for a blob that is no job: what a stranger put there, or changed beyond recognition. One of a newer layout is a job
 * whatever it says, or its message would be dropped: where this version does not know its state, it is not known to have ended.
 */
export function fromMetadata(metadata: Metadata): { layout: number; fields: JobFields } | undefined {
  const layout = wholeNumber(metadata.v) ?? LAYOUT;
  const isNewer = layout > LAYOUT;
  const operation = metadata.operation ?? (isNewer ? 'unknown' : undefined);
  const state = stateOf(metadata.state) ?? (isNewer ? 'Pending' : undefined);
  if (operation === undefined || state === undefined) return undefined;
  const percentComplete = wholeNumber(metadata.percent);
  return {
    layout,
    fields: {
      operation,
      state,
      attempt: wholeNumber(metadata.attempt) ?? 1,
      limit: wholeNumber(metadata.limit) ?? 1,
      token: metadata.token,
      fingerprint: metadata.fingerprint,
      traceparent: traceparentOf(metadata.traceparent),
      waiting: metadata.waiting === '1',
      notBefore: moment(metadata.notbefore),
      handedAt: moment(metadata.handed),
      recovered: wholeNumber(metadata.recovered) ?? 0,
      lost: wholeNumber(metadata.lost),
      createdAt: moment(metadata.created) ?? new Date(0),
      startedAt: moment(metadata.started),
      retentionSeconds: wholeNumber(metadata.retention) ?? 0,
      params: paramsOf(json(metadata.params)),
      percentComplete,
      message: textOf(json(metadata.message)),
      problem: problemOf(json(metadata.problem)),
    },
  };
}

function stateOf(text: string | undefined): JobState | undefined {
  return text !== undefined && Object.hasOwn(transitions, text) ? (text as JobState) : undefined;
}

/** Ten digits: as many seconds added to any date of ours still make a date. */
function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function traceparentOf(text: string | undefined): string | undefined {
  return text !== undefined && TRACEPARENT.test(text) ? text : undefined;
}

function moment(text: string | undefined): Date | undefined {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function json(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

// What a stranger wrote by hand must not end a delivery again and again: what does not fit its type is as if it were not there.
function paramsOf(value: unknown): Params {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const isText = (one: unknown) => typeof one === 'string';
  const isParam = (one: unknown) => isText(one) || (Array.isArray(one) && one.every(isText));
  return Object.values(value).every(isParam) ? (value as Params) : {};
}

function problemOf(value: unknown): JobProblem | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, status, detail, reason } = value as Record<string, unknown>;
  if (typeof code !== 'string' || typeof detail !== 'string' || !isErrorStatus(status)) return undefined;
  return { code, status, detail, ...(typeof reason === 'string' && { reason }) };
}

function isErrorStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599;
}

/** Runs the operation as the app would, with a plain object for the job around it. */
import { Readable } from 'node:stream';
import { csvProfile } from '../../../src/operations/csv-profile/index.ts';
import type { ColumnProfile, Profile } from '../../../src/operations/csv-profile/profile.ts';
import { OperationError, type Reply, type RunContext } from '../../../src/operations/operation.ts';

export interface RunOptions {
  /** As the query has them; they pass the operation's schema. */
  readonly params?: Record<string, string | string[]>;
  readonly sizeBytes?: number;
  readonly signal?: AbortSignal;
  readonly progress?: RunContext['progress'];
}

type Csv = string | Buffer | Readable;

/** The operation's reply to a CSV. */
export async function run(csv: Csv, options: RunOptions = {}): Promise<Reply> {
  const body = csv instanceof Readable ? csv : Readable.from([Buffer.from(csv)]);
  return await csvProfile.run({
    request: {
      contentType: 'text/csv',
      contentTypeHeader: 'text/csv; charset=utf-8',
      sizeBytes: options.sizeBytes ?? (csv instanceof Readable ? 0 : Buffer.byteLength(csv)),
      body,
    },
    params: csvProfile.params?.parse(options.params ?? {}),
    ref: 'ref',
    attempt: 1,
    signal: options.signal ?? new AbortController().signal,
    progress: options.progress ?? (() => {}),
    log: () => {},
  });
}

/** The profile, after a trip through JSON as a client would have it. */
export async function profile(csv: Csv, options?: RunOptions): Promise<Profile> {
  const reply = await run(csv, options);
  if (!('json' in reply)) throw new TypeError('the reply is not JSON');
  return JSON.parse(JSON.stringify(reply.json));
}

/** The only, or the first, column of a profile. */
export async function firstColumn(csv: Csv, options?: RunOptions): Promise<ColumnProfile> {
  const [column] = (await profile(csv, options)).columns;
  if (column === undefined) throw new TypeError('the profile has no column');
  return column;
}

/** The HTML report. */
export async function report(csv: Csv, params: RunOptions['params'] = {}): Promise<string> {
  const reply = await run(csv, { params: { ...params, format: 'html' } });
  if (!('text' in reply)) throw new TypeError('the reply is not text');
  return reply.text;
}

/** What the operation refuses a CSV with. */
export async function refusal(csv: Csv, options?: RunOptions): Promise<OperationError> {
  const outcome = await run(csv, options).catch((error: unknown) => error);
  if (outcome instanceof OperationError) return outcome;
  throw new TypeError(`not refused but: ${outcome}`);
}

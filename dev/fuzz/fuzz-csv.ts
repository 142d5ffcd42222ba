/** Bytes that may or may not be CSV, through the operation itself: a profile or an OperationError, and soon. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { csvProfile } from '../../src/operations/csv-profile/index.ts';
import { OperationError } from '../../src/operations/operation.ts';
import type { Finding } from './run-inputs.ts';

const HANG_MS = 10_000;

const field = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom(
    '"',
    '""',
    '"a""b"',
    '"x\ny"',
    '1',
    '-0',
    '1e308',
    '-1e308',
    '1e-320',
    '0x10',
    'true',
    '2026-02-29',
    '2024-02-29T25:00',
    'NaN',
    'Infinity',
    ' 1 ',
    '\u0000',
    '\ufeff',
    '=1+1',
    '</script>',
  ),
);
const table = fc
  .tuple(
    fc.constantFrom(',', ';', '\t'),
    fc.constantFrom('\n', '\r\n', '\r'),
    fc.array(fc.array(field, { maxLength: 6 }), { maxLength: 12 }),
  )
  .map(([delimiter, end, rows]) => Buffer.from(rows.map((row) => row.join(delimiter)).join(end)));

export interface CsvInput {
  readonly chunks: readonly Uint8Array[];
  readonly params: Readonly<Record<string, string>>;
}

export const csvInputs: fc.Arbitrary<CsvInput> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: table },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    ),
    fc.integer({ min: 1, max: 64 }),
    fc.dictionary(
      fc.constantFrom('format', 'nulls', 'delimiter'),
      fc.constantFrom('html', 'json', 'NA,null', ',', ';', '\t', 'x'),
      { maxKeys: 2 },
    ),
  )
  .map(([bytes, size, params]) => ({
    chunks: Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    ),
    params,
  }));

export async function profileBytes({ chunks, params }: CsvInput): Promise<Finding> {
  const parsed = csvProfile.params?.safeParse(params);
  if (parsed?.success === false) return undefined;
  const signal = AbortSignal.timeout(HANG_MS);
  try {
    const reply = await csvProfile.run({
      request: {
        contentType: 'text/csv',
        contentTypeHeader: 'text/csv',
        sizeBytes: chunks.reduce((sum, { length }) => sum + length, 0),
        body: Readable.from(chunks),
      },
      params: parsed?.data,
      ref: 'ref',
      attempt: 1,
      signal,
      progress: () => undefined,
      log: () => undefined,
    });
    const text = 'text' in reply ? reply.text : JSON.stringify('json' in reply ? reply.json : undefined);
    return 'text' in reply && /<script/i.test(text) ? 'the report holds a script' : undefined;
  } catch (error) {
    if (signal.aborted) return `no end in ${HANG_MS / 1000} s`;
    return error instanceof OperationError
      ? undefined
      : `not an OperationError: ${error instanceof Error ? error.stack : error}`;
  }
}

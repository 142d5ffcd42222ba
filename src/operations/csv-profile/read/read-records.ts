/** Turns the bytes of a CSV into batches of records, giving other work the event loop after each. */
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { csvError } from './csv-error.ts';
import { findDelimiter } from './find-delimiter.ts';
import { RecordReader } from './record-reader.ts';
import { slicesOf } from './slices.ts';

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** What one slice of the file completed. The first record of all is the header. */
export interface RecordBatch {
  readonly records: readonly (readonly string[])[];
  /** Bytes of the file read so far. */
  readonly bytesRead: number;
}

/**
 * Blank lines are no records.
 * @param delimiter one ASCII character; undefined: found from the header line.
 * @throws {OperationError} for what is no CSV, naming line and column.
 */
export async function* readRecords(
  body: Readable,
  delimiter: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch> {
  let reader: RecordReader | undefined;
  let bytesRead = 0;
  for await (const slice of slicesOf(body, signal)) {
    bytesRead += slice.length;
    let text = slice;
    if (reader === undefined) {
      const hasMark = slice.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
      text = hasMark ? slice.subarray(BYTE_ORDER_MARK.length) : slice;
      reader = new RecordReader(delimiter ?? findDelimiter(text));
    }
    yield { records: await reader.read(text), bytesRead };
    await nextTurn();
  }
  if (reader === undefined) throw csvError('csv-empty', { line: 1, column: 1 });
  yield { records: await reader.end(), bytesRead };
}

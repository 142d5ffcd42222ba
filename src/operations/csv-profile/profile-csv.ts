/** The use case: reads a CSV once, and knows every column at the end. */
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { YIELD_AFTER_MS } from './limits.ts';
import { ColumnProfiler } from './measure/column-profiler.ts';
import { TextHash } from './measure/text-hash.ts';
import type { ColumnSummary, Profile } from './profile.ts';
import { nameColumns } from './read/name-columns.ts';
import { readRecords } from './read/read-records.ts';

export interface ProfileOptions {
  /** One ASCII character; undefined: found from the header line. */
  readonly delimiter: string | undefined;
  /** Texts that count as null, besides the empty one. */
  readonly nullTexts: readonly string[];
  readonly signal: AbortSignal;
  /** Called after every slice of the file. */
  readonly onBytesRead: (bytes: number) => void;
}

/** The profile, with what only the HTML report shows beside each column. */
export interface ProfileSummary extends Omit<Profile, 'columns'> {
  readonly columns: readonly ColumnSummary[];
}

/**
 * Works column by column within a batch, so that the event loop gets its turn even where a thousand columns change
 * over to sketches in the same row.
 * @throws {OperationError} for what is no CSV, naming line and column.
 */
export async function profileCsv(body: Readable, options: ProfileOptions): Promise<ProfileSummary> {
  const { signal } = options;
  const hash = new TextHash(randomBytes(4).readInt32LE());
  let profilers: ColumnProfiler[] | undefined;
  let rows = 0;
  let bytes = 0;
  let ragged = 0;
  let yieldAt = performance.now() + YIELD_AFTER_MS;
  const giveWay = async () => {
    if (performance.now() < yieldAt) return;
    await nextTurn();
    signal.throwIfAborted();
    yieldAt = performance.now() + YIELD_AFTER_MS;
  };

  for await (const { records, bytesRead } of readRecords(body, options.delimiter, signal)) {
    let batch = records;
    const [header] = records;
    if (profilers === undefined && header !== undefined) {
      profilers = nameColumns(header).map((name) => new ColumnProfiler(name, options.nullTexts, hash));
      batch = records.slice(1);
    }
    const width = profilers?.length ?? 0;
    for (const record of batch) if (record.length !== width) ragged++;
    for (const [index, profiler] of (profilers ?? []).entries()) {
      for (const record of batch) profiler.add(record[index]);
      await giveWay();
    }
    rows += batch.length;
    bytes = bytesRead;
    options.onBytesRead(bytesRead);
  }

  const columns: ColumnSummary[] = [];
  for (const profiler of profilers ?? []) {
    columns.push(profiler.finish());
    await giveWay();
  }
  return { rows, bytes, ragged, columns };
}

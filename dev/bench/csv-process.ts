/** One side of the CSV bench in a process of its own, warm after its first round: the operation, or its parser alone. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { csvProfile } from '../../src/operations/csv-profile/index.ts';

/** What storage hands over at a time. */
const CHUNK_BYTES = 65_536;

const [, , side, file = ''] = process.argv;
const bytes = readFileSync(file);

process.on('message', async () => {
  const beganMs = performance.now();
  const rows = side === 'ours' ? await profiled() : await parsed();
  process.send?.({ seconds: (performance.now() - beganMs) / 1000, rows });
});
process.once('disconnect', () => process.exit());
process.send?.('up');

function input(): Readable {
  return Readable.from(chunks(), { objectMode: false });
}

function* chunks(): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

async function profiled(): Promise<number> {
  const reply = await csvProfile.run({
    request: {
      contentType: 'text/csv',
      contentTypeHeader: 'text/csv',
      sizeBytes: bytes.length,
      body: input(),
    },
    params: { format: 'json' },
    ref: '',
    attempt: 1,
    signal: new AbortController().signal,
    progress: () => undefined,
  } as unknown as Parameters<typeof csvProfile.run>[0]);
  return ((reply as { json: unknown }).json as { rows: number }).rows;
}

/** The parser's fastest way: it keeps no record, and its stream hands none on. */
async function parsed(): Promise<number> {
  let rows = 0;
  const parser = parse({
    delimiter: ',',
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    on_record: () => {
      rows++;
      return null;
    },
  });
  for await (const _ of input().pipe(parser)) throw new Error('A record was handed on.');
  return rows - 1;
}

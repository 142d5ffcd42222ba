/** The request of the demo: a real data set, its rows repeated until it is work for some seconds. */
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

const SAMPLE_FILE = resolve(import.meta.dirname, '../../samples/birdstrikes.csv');

/** Some seconds of work, so that there is something to poll for. */
const WANTED_BYTES = 32 * 1024 * 1024;

export interface Sample {
  readonly fileName: string;
  /** The data set as it is. */
  readonly once: Buffer;
  /** Its header, then its rows again and again. */
  readonly repeated: Buffer;
  readonly repetitions: number;
}

export async function readSample(): Promise<Sample> {
  const once = await readFile(SAMPLE_FILE);
  const headerEnd = once.indexOf('\n') + 1;
  const lineEnd = once.subarray(0, headerEnd).toString().endsWith('\r\n') ? '\r\n' : '\n';
  // The last row of the file has no line end.
  const rows = Buffer.concat([Buffer.from(lineEnd), once.subarray(headerEnd)]);
  const repetitions = Math.max(1, Math.ceil(WANTED_BYTES / once.length));
  return {
    fileName: basename(SAMPLE_FILE),
    once,
    repeated: Buffer.concat([once, ...Array<Buffer>(repetitions - 1).fill(rows)]),
    repetitions,
  };
}

/** Reads a zip whole, by another library than made it, and checks the checksum that the zip has for each file. */
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { fromBufferPromise } from 'yauzl';
import type { NamedFile } from './identify.ts';

export async function unzip(zip: Buffer): Promise<NamedFile[]> {
  const files: NamedFile[] = [];
  const archive = await fromBufferPromise(zip);
  for await (const entry of archive.eachEntry()) {
    const content = await buffer(await archive.openReadStreamPromise(entry));
    if (crc32(content) !== entry.crc32) throw new Error(`${entry.fileName} is not what was zipped`);
    files.push({ name: entry.fileName, content });
  }
  return files;
}

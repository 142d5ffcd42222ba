/** Unpacks what is deployed, as Azure does. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/** Resolves with the size in bytes of each file, by its name in the zip. */
export async function unpack(zipFile: string, folder: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const zip = await openPromise(zipFile);
  for await (const entry of zip.eachEntry()) {
    sizes.set(entry.fileName, entry.uncompressedSize);
    const file = join(folder, entry.fileName);
    mkdirSync(dirname(file), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(file));
  }
  return sizes;
}

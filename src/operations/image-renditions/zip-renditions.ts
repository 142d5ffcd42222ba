/**
 * The zip of an image's renditions, as a stream: a file is opened when its turn has come. Stored, not deflated: images
 * are compressed already. The same renditions make the same bytes, whenever they are packed.
 */
import { finished, PassThrough, type Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { ImageFacts } from './inspect-image.ts';
import type { PlannedRendition } from './plan-renditions.ts';

export interface Rendition extends PlannedRendition {
  readonly bytes: number;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
}

/** `manifest.json` in the zip. */
export interface Manifest {
  readonly source: ImageFacts;
  /** What whoever looks at the renditions should know. */
  readonly note?: string;
  readonly renditions: readonly Rendition[];
}

export function manifestOf(source: ImageFacts, renditions: readonly Rendition[]): Manifest {
  const note = noteOf(source);
  return { source, ...(note && { note }), renditions };
}

/** What is worth saying of the image, undefined for most. */
export function noteOf({ frames }: ImageFacts): string | undefined {
  return frames > 1 ? `of the first of ${frames} frames` : undefined;
}

/** The earliest that a zip can say. */
const NO_DATE = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true, mode: 0o100644 } as const;

/** @param open called for one rendition after the other; what it throws breaks the stream */
export function zipRenditions(manifest: Manifest, open: (name: string) => Promise<Readable>): Readable {
  const zip = new ZipFile();
  const output = new PassThrough();
  const breakOff = (error: Error) => {
    output.destroy(error);
  };
  zip.on('error', breakOff);
  zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), 'manifest.json', NO_DATE);
  for (const { name, bytes } of manifest.renditions) {
    zip.addReadStreamLazy(name, { ...NO_DATE, compress: false, size: bytes }, (give) => {
      open(name).then((content) => {
        // The zip hears neither of a content that breaks nor of a reader that has left.
        finished(content, (error) => error && breakOff(error));
        if (output.destroyed) content.destroy();
        else output.once('close', () => content.destroy());
        give(null, content);
      }, breakOff);
    });
  }
  zip.end();
  zip.outputStream.pipe(output);
  return output;
}

/** Looks at an image before anything is made of it: its type, its size from its header, and whether all of it is there. */
import type SharpModule from 'sharp';
import { OperationError } from '../operation.ts';
import { imageTypeOf, imageTypes } from './image-type.ts';
import { MOST_PIXELS } from './limits.ts';
import { readPngChunks } from './png-chunks.ts';

/** What is known of the image, as the manifest has it. */
export interface ImageFacts {
  readonly format: string;
  /** As it is to be looked at: with its EXIF orientation applied. */
  readonly width: number;
  readonly height: number;
  /** More than 1 in an animation; the renditions are of the first. */
  readonly frames: number;
}

/** @throws {OperationError} for anything else than a whole image that can be decoded here */
export async function inspectImage(sharp: typeof SharpModule, image: Buffer): Promise<ImageFacts> {
  const format = imageTypeOf(image);
  if (format === undefined) {
    throw new OperationError(`The request is no image of the types ${imageTypes.join(', ')}.`, {
      status: 415,
      code: 'image-type-unknown',
    });
  }
  const png = format === 'png' ? readPngChunks(image) : undefined;
  const header = await decoded(() => sharp(image, { limitInputPixels: false }).metadata());
  if (header.width * header.height > MOST_PIXELS) {
    throw new OperationError(
      `The image has ${header.width} × ${header.height} pixels; at most ${MOST_PIXELS} are taken.`,
      { status: 413, code: 'image-too-many-pixels' },
    );
  }
  if (png?.isWhole === false) throw damaged();
  // As small as it gets: every row has been read by then, and hardly any memory was held.
  await decoded(() =>
    sharp(image, { failOn: 'error', sequentialRead: true }).resize(1, 1, { fit: 'fill' }).raw().toBuffer(),
  );
  return { format, ...header.autoOrient, frames: Math.max(header.pages ?? 1, png?.frames ?? 1) };
}

async function decoded<T>(decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw damaged(error);
  }
}

function damaged(cause?: unknown): OperationError {
  return new OperationError('The image is damaged, or its end is missing.', { code: 'image-damaged', cause });
}

/** Which renditions an image gets: pure arithmetic, so that it is done once and every activity is told its part. */
import { OperationError } from '../operation.ts';
import type { RenditionFormat, RenditionParams } from './params.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface PlannedRendition extends Size {
  /** The file in the zip, for example `640.webp`. */
  readonly name: string;
  readonly format: RenditionFormat;
}

/** The longest side in pixels that a format, or its encoder, can hold. */
const LONGEST_SIDE: Readonly<Record<RenditionFormat, number>> = {
  webp: 16_383,
  avif: 16_384,
  jpeg: 65_535,
  png: Number.POSITIVE_INFINITY,
};

const EXTENSION: Readonly<Record<RenditionFormat, string>> = {
  webp: 'webp',
  avif: 'avif',
  jpeg: 'jpg',
  png: 'png',
};

/**
 * Keeps the image's proportions and never enlarges: widths beyond the image's own become that one, once.
 * @throws {OperationError} where a format cannot hold an image so tall
 */
export function planRenditions(
  image: Size,
  { widths, formats }: Pick<RenditionParams, 'widths' | 'formats'>,
): PlannedRendition[] {
  const possible = [...new Set(widths.map((width) => Math.min(width, image.width)))];
  return possible.flatMap((width) => {
    const height = Math.max(1, Math.round((image.height * width) / image.width));
    return formats.map((format) => {
      if (height > LONGEST_SIDE[format]) {
        throw new OperationError(
          `At ${width} pixels wide the image is ${height} pixels tall; ${format} holds at most ${LONGEST_SIDE[format]}.`,
          { code: 'rendition-too-tall' },
        );
      }
      return { name: `${width}.${EXTENSION[format]}`, width, height, format };
    });
  });
}

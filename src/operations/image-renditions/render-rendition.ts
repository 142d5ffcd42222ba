/** Makes one rendition of an image that has been inspected. */
import type SharpModule from 'sharp';
import type { Sharp } from 'sharp';
import { MOST_PIXELS } from './limits.ts';
import type { RenditionFormat } from './params.ts';
import type { PlannedRendition } from './plan-renditions.ts';

/** Sharp drops metadata and converts to 8 bits of sRGB unless told otherwise; a profile it has is applied first. */
export async function renderRendition(
  sharp: typeof SharpModule,
  image: Buffer,
  { width, height, format }: PlannedRendition,
  quality: number | undefined,
): Promise<Buffer> {
  const resized = sharp(image, { failOn: 'error', limitInputPixels: MOST_PIXELS, sequentialRead: true })
    .autoOrient()
    .resize(width, height, { fit: 'fill' });
  return await encoded(resized, format, quality === undefined ? {} : { quality }).toBuffer();
}

function encoded(image: Sharp, format: RenditionFormat, options: { quality?: number }): Sharp {
  switch (format) {
    case 'webp':
      return image.webp(options);
    case 'avif':
      return image.avif(options);
    case 'jpeg':
      // It has no alpha; black, which is what transparent pixels mostly are underneath, is nobody's intention.
      return image.flatten({ background: 'white' }).jpeg(options);
    case 'png':
      // With a quality it would be reduced to a palette.
      return image.png();
  }
}

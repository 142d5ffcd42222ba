/**
 * The image's type by its first bytes. A `Content-Type` is a claim; and the decoder knows formats (SVG, PDF) that have
 * no business in a worker, so it sees nothing that does not begin as one of these.
 */
export const imageTypes = ['jpeg', 'png', 'webp'] as const;
export type ImageType = (typeof imageTypes)[number];

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Undefined where it is none of them. */
export function imageTypeOf(image: Buffer): ImageType | undefined {
  if (image.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'jpeg';
  if (image.subarray(0, 8).equals(PNG_SIGNATURE)) return 'png';
  const riff = image.subarray(0, 12).toString('latin1');
  return riff.startsWith('RIFF') && riff.endsWith('WEBP') ? 'webp' : undefined;
}

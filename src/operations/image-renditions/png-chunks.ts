/** What the decoder does not tell of a PNG: whether its end is missing, and how many frames it has. */

const SIGNATURE_BYTES = 8;
/** Length and name before a chunk's data, a checksum after it. */
const HEAD_BYTES = 8;
const CHECKSUM_BYTES = 4;

export interface PngChunks {
  /** False where the file ends before its IEND chunk does. */
  readonly isWhole: boolean;
  /** More than 1 in an animated PNG. */
  readonly frames: number;
}

/** Reads chunk heads and no data. https://www.w3.org/TR/png-3/#5Chunk-layout */
export function readPngChunks(png: Buffer): PngChunks {
  let frames = 1;
  let at = SIGNATURE_BYTES;
  while (at + HEAD_BYTES + CHECKSUM_BYTES <= png.length) {
    const dataBytes = png.readUInt32BE(at);
    const name = png.toString('latin1', at + 4, at + HEAD_BYTES);
    const end = at + HEAD_BYTES + dataBytes + CHECKSUM_BYTES;
    if (name === 'acTL' && dataBytes === 8 && end <= png.length) frames = png.readUInt32BE(at + HEAD_BYTES);
    if (name === 'IEND') return { isWhole: end <= png.length, frames };
    at = end;
  }
  return { isWhole: false, frames };
}

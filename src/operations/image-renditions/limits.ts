/** What the operation takes and makes at most. Stated to clients in the answers that these limits make. */

/** A decoded image is held whole in the worst case, at up to 8 bytes a pixel: what one worker can bear. */
export const MOST_PIXELS = 100_000_000;

/** The encoded image is held in memory while it is decoded. */
export const MOST_IMAGE_BYTES = 100 * 1024 * 1024;

export const LEAST_WIDTH = 16;
export const MOST_WIDTH = 8192;
export const MOST_RENDITIONS = 20;

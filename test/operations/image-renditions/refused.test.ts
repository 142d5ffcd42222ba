/** What is refused before anything is made of it, and what a client is told. */
import { expect, test } from '@jest/globals';
import { planRenditions } from '../../../src/operations/image-renditions/plan-renditions.ts';
import {
  asAnimatedPng,
  jpegClaiming,
  noisy,
  pngChunk,
  pngClaiming,
  quartered,
  webpClaiming,
} from './support/images.ts';
import { inspect, refusal } from './support/renditions.ts';

const encodings = {
  jpeg: noisy().jpeg(),
  'progressive jpeg': noisy().jpeg({ progressive: true }),
  png: noisy().png(),
  'interlaced png': noisy().png({ progressive: true }),
  webp: noisy().webp(),
  'lossless webp': noisy().webp({ lossless: true }),
};

test.each(Object.entries(encodings))(
  'a %s that is cut anywhere is refused as damaged',
  async (_, encoding) => {
    const whole = await encoding.toBuffer();
    expect(await inspect(whole)).toMatchObject({ width: 301, height: 203, frames: 1 });
    const lengths = [
      ...Array.from({ length: 24 }, (_, part) => Math.floor((whole.length * (part + 1)) / 25)),
      ...Array.from({ length: 16 }, (_, missing) => whole.length - missing - 1),
      12,
      30,
    ];
    for (const length of lengths) {
      const { code, status } = await refusal(whole.subarray(0, length));
      expect({ length, code, status }).toEqual({ length, code: 'image-damaged', status: 422 });
    }
  },
);

test('an image too large to decode is refused by what its header claims, before it is decoded', async () => {
  // None of them could be decoded: they would be refused as damaged.
  for (const bomb of [
    pngClaiming(await quartered().png().toBuffer(), 10_001, 10_000),
    jpegClaiming(await quartered().jpeg().toBuffer(), 65_000, 65_000),
    webpClaiming(await quartered().webp().toBuffer(), 16_383, 16_383),
  ]) {
    const { code, status, message } = await refusal(bomb);
    expect({ code, status }).toEqual({ code: 'image-too-many-pixels', status: 413 });
    expect(message).toMatch(/^The image has \d+ × \d+ pixels; at most 100000000 are taken\.$/);
  }
  // The limit itself is not refused for its size.
  const atLimit = pngClaiming(await quartered().png().toBuffer(), 10_000, 10_000);
  expect((await refusal(atLimit)).code).toBe('image-damaged');
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('these are no pixels')],
  ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
  ['a GIF', Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')],
  ['another RIFF', Buffer.from('RIFF\x04\0\0\0WAVE', 'latin1')],
])('%s is refused by its bytes', async (_, bytes) => {
  const { code, status } = await refusal(bytes);
  expect({ code, status }).toEqual({ code: 'image-type-unknown', status: 415 });
});

test('what follows the first bytes of a PNG has to be one', async () => {
  const signature = (await quartered().png().toBuffer()).subarray(0, 8);
  const nothing = Buffer.concat([signature, pngChunk('IEND', Buffer.alloc(0))]);
  expect((await refusal(nothing)).code).toBe('image-damaged');
});

test('the frames of an animated PNG are counted', async () => {
  const image = asAnimatedPng(await quartered().png().toBuffer(), 7);
  expect(await inspect(image)).toMatchObject({ format: 'png', frames: 7 });
});

test('a rendition taller than its format holds is refused, and planned where it holds it', () => {
  const strip = { width: 100, height: 100_000 };
  const plan = (widths: number[], format: 'webp' | 'avif' | 'jpeg' | 'png') =>
    planRenditions(strip, { widths, formats: [format] });
  for (const format of ['webp', 'avif', 'jpeg'] as const) {
    expect(() => plan([100], format)).toThrow(`${format} holds at most`);
  }
  expect(plan([100], 'png')).toEqual([{ name: '100.png', width: 100, height: 100_000, format: 'png' }]);
  expect(plan([16], 'webp')).toMatchObject([{ height: 16_000 }]);
});

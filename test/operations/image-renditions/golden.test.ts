/** What becomes of every kind of image, as another decoder sees it. */
import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { describeWithTool } from '../../support/tool.ts';
import { identify, isImageMagick, type Seen } from './support/identify.ts';
import {
  BLUE,
  type Colour,
  GREEN,
  HEIGHT,
  QUARTERS,
  type Quarters,
  quartered,
  RED,
  WIDTH,
  YELLOW,
} from './support/images.ts';
import { inspect, renditionsOf } from './support/renditions.ts';

const ALL_FORMATS = 'webp,avif,jpeg,png';
/** Lossy formats move a colour by so much, of 1. */
const NEAR = 0.08;

function expectColours(
  { quarters }: Seen,
  colours: readonly Colour[],
  { alpha = 1, near = NEAR } = {},
): void {
  for (const [quarter, colour] of colours.entries()) {
    const seen = quarters[quarter] ?? [];
    const wanted = [...colour.map((value) => value / 255), alpha];
    const furthest = Math.max(...wanted.map((value, channel) => Math.abs(value - (seen[channel] ?? 2))));
    if (furthest > near) expect({ quarter, colour: seen }).toEqual({ quarter, colour: wanted });
  }
}

describeWithTool(
  'convert',
  'image-renditions: renditions, decoded by ImageMagick',
  (tool) => {
    const see = async (image: Buffer, query: Record<string, string>) =>
      await identify(tool, await renditionsOf(image, query));

    test('have the widths and formats asked for, proportions kept, and are never enlarged', async () => {
      const image = await quartered(QUARTERS, 100, 67).jpeg().toBuffer();
      const files = await renditionsOf(image, { widths: '16,50,100,400,8192', formats: ALL_FORMATS });
      const seen = await identify(tool, files);
      expect(files.map(({ name }) => name)).toEqual(
        [16, 50, 100].flatMap((width) =>
          ['webp', 'avif', 'jpg', 'png'].map((ending) => `${width}.${ending}`),
        ),
      );
      expect(seen.map(({ format, width, height }) => `${width}x${height} ${format}`)).toEqual(
        [
          [16, 11],
          [50, 34],
          [100, 67],
        ].flatMap(([width, height]) =>
          ['webp', 'avif', 'jpeg', 'png'].map((format) => `${width}x${height} ${format}`),
        ),
      );
      for (const one of seen) expectColours(one, QUARTERS, { near: 0.12 });
    });

    // What the eight values of TIFF 6.0's Orientation make of an image stored as red, green over blue, yellow.
    const upright: [orientation: number, quarters: readonly Colour[]][] = [
      [1, [RED, GREEN, BLUE, YELLOW]],
      [2, [GREEN, RED, YELLOW, BLUE]],
      [3, [YELLOW, BLUE, GREEN, RED]],
      [4, [BLUE, YELLOW, RED, GREEN]],
      [5, [RED, BLUE, GREEN, YELLOW]],
      [6, [BLUE, RED, YELLOW, GREEN]],
      [7, [YELLOW, GREEN, BLUE, RED]],
      [8, [GREEN, YELLOW, RED, BLUE]],
    ];
    test.each(upright)('stand upright from EXIF orientation %i', async (orientation, quarters) => {
      const turned = quartered().withMetadata({ orientation });
      const isSideways = orientation >= 5;
      const size = isSideways ? { width: HEIGHT, height: WIDTH } : { width: WIDTH, height: HEIGHT };
      for (const image of [turned.clone().jpeg(), turned.clone().png(), turned.clone().webp()]) {
        const bytes = await image.toBuffer();
        expect(await inspect(bytes)).toMatchObject(size);
        const seen = await see(bytes, { widths: '32', formats: 'png,webp' });
        for (const one of seen) {
          expect([one.width, one.height]).toEqual([32, isSideways ? 48 : 21]);
          expectColours(one, quarters);
        }
      }
    });

    test('keep alpha, and lie on white where the format has none', async () => {
      const pixels = Buffer.alloc(WIDTH * HEIGHT * 4);
      for (let at = 0; at < pixels.length; at += 4) pixels.set([...BLUE, 128], at);
      const raw = sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } });
      const onWhite: Colour = [127, 127, 255];
      for (const image of [raw.clone().png(), raw.clone().webp()]) {
        const bytes = await image.toBuffer();
        const [webp, jpeg, png] = await see(bytes, { widths: '48', formats: 'webp,jpeg,png' });
        for (const one of [webp, png]) expectColours(one as Seen, [BLUE, BLUE], { alpha: 128 / 255 });
        expectColours(jpeg as Seen, [onWhite, onWhite]);
        // ImageMagick 6 does not see the alpha of an AVIF.
        const [avif] = await renditionsOf(bytes, { widths: '48', formats: 'avif' });
        const { channels } = await sharp(avif?.content).stats();
        expect(channels[3]?.mean).toBeCloseTo(128, -0.5);
      }
    });

    test('show a CMYK image in the colours it had', async () => {
      // Colours that ink has: no pure red, green or blue.
      const printable: Quarters = [
        [180, 70, 70],
        [70, 120, 80],
        [80, 90, 140],
        [200, 180, 100],
      ];
      const image = await quartered(printable)
        .toColourspace('cmyk')
        .withIccProfile('cmyk')
        .jpeg({ quality: 95 })
        .toBuffer();
      expect((await sharp(image).metadata()).space).toBe('cmyk');
      const seen = await see(image, { widths: '48', formats: ALL_FORMATS });
      // What the way to ink and back costs; a wrong sign or a lost profile is far beyond it.
      for (const one of seen) expectColours(one, printable, { near: 0.12 });
    });

    test('have 8 bits of each colour from an image of 16', async () => {
      const image = await quartered().toColourspace('rgb16').png().toBuffer();
      expect(image[24]).toBe(16);
      const files = await renditionsOf(image, { widths: '48', formats: ALL_FORMATS });
      for (const one of await identify(tool, files)) expectColours(one, QUARTERS);
      expect(files.find(({ name }) => name === '48.png')?.content[24]).toBe(8);
    });

    test('are of the first frame of an animation', async () => {
      const frames = [RED, GREEN, BLUE].map((colour) => quartered([colour, colour, colour, colour]));
      const pngs = await Promise.all(frames.map((frame) => frame.png().toBuffer()));
      const image = await sharp(pngs, { join: { animated: true } })
        .webp()
        .toBuffer();
      expect(await inspect(image)).toEqual({ format: 'webp', width: WIDTH, height: HEIGHT, frames: 3 });
      const seen = await see(image, { widths: '48', formats: ALL_FORMATS });
      expect(seen).toHaveLength(4);
      for (const one of seen) expectColours(one, [RED, RED, RED, RED]);
    });

    test('of a grey image are grey', async () => {
      const grey: Colour = [100, 100, 100];
      const image = await quartered([grey, grey, grey, grey]).toColourspace('b-w').png().toBuffer();
      for (const one of await see(image, { widths: '48', formats: ALL_FORMATS }))
        expectColours(one, [grey, grey]);
    });

    test('are of the quality asked for', async () => {
      const image = await quartered().jpeg().toBuffer();
      const sizes = async (quality: string) =>
        (await renditionsOf(image, { widths: '96', formats: 'webp,avif,jpeg', quality })).map(
          ({ content }) => content.length,
        );
      const [low, high] = [await sizes('20'), await sizes('95')];
      for (const [index, size] of low.entries()) expect(size).toBeLessThan(high[index] ?? 0);
    });
  },
  isImageMagick,
);

test('image-renditions: a rendition says nothing of where and by whom the image was made', async () => {
  const secret = 'taken at home';
  const image = await quartered()
    .withExif({ IFD0: { Copyright: secret }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3/1' } })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${secret}</x:xmpmeta>`)
    .jpeg()
    .toBuffer();
  expect(image.toString('latin1')).toContain(secret);
  for (const { name, content } of await renditionsOf(image, { widths: '48', formats: ALL_FORMATS })) {
    const { exif, xmp, iptc } = await sharp(content).metadata();
    expect({ name, exif, xmp, iptc }).toEqual({ name });
    expect(content.toString('latin1')).not.toContain(secret);
  }
});

/** The operation over HTTP: what a client sends, what it gets, and what it is refused with. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { BLUE, GREEN, pngClaiming, quartered, RED } from '../operations/image-renditions/support/images.ts';
import { ask, post, problemOf, startedBy, untilEnded, uploaded } from './api.ts';
import { madePhoto, readRenditions, startRenditions } from './renditions.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();
let photo: Buffer;
beforeAll(async () => {
  photo = await madePhoto(600, 450);
});

describe('image-renditions', () => {
  test('answers a zip with a manifest and every rendition', async () => {
    const job = await startRenditions(
      app(),
      photo,
      'widths=64,320,2000&formats=webp,avif,jpeg,png&quality=60',
    );
    expect((await untilEnded(app(), job)).status).toBe('Succeeded');
    const { manifest, files } = await readRenditions(app(), job);
    expect(manifest.source).toEqual({ format: 'jpeg', width: 600, height: 450, frames: 1 });
    const sizes = [
      [64, 48],
      [320, 240],
      [600, 450],
    ] as const;
    const formats = [
      ['webp', 'webp'],
      ['avif', 'avif'],
      ['jpeg', 'jpg'],
      ['png', 'png'],
    ] as const;
    expect(manifest.renditions).toEqual(
      sizes.flatMap(([width, height]) =>
        formats.map(([format, ending]) => ({
          name: `${width}.${ending}`,
          width,
          height,
          format,
          bytes: expect.any(Number),
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        })),
      ),
    );
    for (const [index, { content }] of files.entries()) {
      const { width, height } = await sharp(content).metadata();
      expect({ width, height }).toEqual({
        width: manifest.renditions[index]?.width,
        height: manifest.renditions[index]?.height,
      });
    }
  });

  test('takes an upload, of a type by its bytes, and offers the zip under a name', async () => {
    const upload = await uploaded(app(), photo, 'image/png');
    const job = startedBy(
      await ask(app(), 'POST', `/api/operations/image-renditions?upload=${upload.id}&widths=16&formats=jpeg`),
    );
    expect((await untilEnded(app(), job)).status).toBe('Succeeded');
    const { manifest } = await readRenditions(app(), job);
    expect(manifest.source).toMatchObject({ format: 'jpeg' });
    const redirect = await ask(app(), 'GET', job.location);
    const stored = await fetch(redirect.headers.get('location') ?? '');
    expect(stored.headers.get('content-disposition')).toContain('renditions.zip');
    await stored.body?.cancel();
  });

  test('says in the manifest where it shows the first frame only', async () => {
    // No two alike: equal frames would be stored as one.
    const colours = [RED, GREEN, BLUE];
    const frames = colours.map((colour) => quartered([colour, colour, colour, colour]).png().toBuffer());
    const animation = await sharp(await Promise.all(frames), { join: { animated: true } })
      .webp()
      .toBuffer();
    const job = await startRenditions(app(), animation, 'widths=32&formats=png', 'image/webp');
    expect((await untilEnded(app(), job)).status).toBe('Succeeded');
    expect((await readRenditions(app(), job)).manifest.note).toBe('of the first of 3 frames');
  });

  const bad: [what: string, image: () => Promise<Buffer>, status: number, code: string][] = [
    ['no image', async () => Buffer.from('these are no pixels'), 415, 'image-type-unknown'],
    ['a truncated image', async () => photo.subarray(0, photo.length / 2), 422, 'image-damaged'],
    [
      'a pixel bomb',
      async () => pngClaiming(await quartered().png().toBuffer(), 60_000, 60_000),
      413,
      'image-too-many-pixels',
    ],
  ];
  test.each(bad)('fails at the first attempt, without a retry: %s', async (_, image, status, code) => {
    const job = await startRenditions(app(), await image(), 'widths=32');
    expect(await untilEnded(app(), job)).toMatchObject({ status: 'Failed', attempt: 1, error: { code } });
    problemOf(await ask(app(), 'GET', job.location), status, code);
  });

  test.each(['widths=15', 'formats=gif', 'quality=0', 'widths=16,17,18,19,20,21&formats=webp,avif,jpeg,png'])(
    'refuses ?%s before anything is stored',
    async (query) => {
      const answer = await post(app(), `image-renditions?${query}`, photo, { 'content-type': 'image/jpeg' });
      expect(problemOf(answer, 400, 'parameters-invalid').errors).toHaveLength(1);
    },
  );

  test('refuses a content type that is none of its own', async () => {
    const answer = await post(app(), 'image-renditions', photo, { 'content-type': 'image/gif' });
    expect(answer.status).toBe(415);
  });
});

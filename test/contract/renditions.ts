/** The client's side of `image-renditions`, from docs/design.md alone. */
import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import sharp from 'sharp';
import type { NamedFile } from '../operations/image-renditions/support/identify.ts';
import { unzip } from '../operations/image-renditions/support/unzip.ts';
import { ask, post, type StartedJob, startedBy } from './api.ts';
import type { AppUnderTest } from './app-under-test.ts';

export interface Manifest {
  readonly source: Readonly<Record<string, unknown>>;
  readonly note?: string;
  readonly renditions: readonly {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    readonly format: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
}

/** A photo of nothing: coarse noise, which compresses as photos do. */
export async function madePhoto(width: number, height: number): Promise<Buffer> {
  const grain = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const coarse = {
    width: Math.ceil(width / 16),
    height: Math.ceil(height / 16),
    channels: 3,
    noise: grain,
  } as const;
  const image = await sharp({ create: { ...coarse, background: 'grey' } })
    .png()
    .toBuffer();
  return await sharp(image).resize(width, height, { fit: 'fill' }).jpeg({ quality: 92 }).toBuffer();
}

export async function startRenditions(
  app: AppUnderTest,
  image: Uint8Array,
  query: string,
  contentType = 'image/jpeg',
): Promise<StartedJob> {
  return startedBy(await post(app, `image-renditions?${query}`, image, { 'content-type': contentType }));
}

/** The zip of a job that has succeeded, held to be what its manifest says. */
export async function readRenditions(
  app: AppUnderTest,
  job: StartedJob,
): Promise<{ zip: Buffer; manifest: Manifest; files: NamedFile[] }> {
  const answer = await ask(app, 'GET', `${job.location}?reply=stream`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
  const [first, ...files] = await unzip(answer.bytes);
  expect(first?.name).toBe('manifest.json');
  const manifest = JSON.parse(first?.content.toString() ?? '') as Manifest;
  expect(
    files.map(({ name, content }) => ({
      name,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  ).toEqual(manifest.renditions.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })));
  return { zip: answer.bytes, manifest, files };
}

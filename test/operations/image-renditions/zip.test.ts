/** The zip, as two other programs read it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import {
  type Manifest,
  manifestOf,
  type Rendition,
  zipRenditions,
} from '../../../src/operations/image-renditions/zip-renditions.ts';
import { describeWithTool } from '../../support/tool.ts';
import { unzip } from './support/unzip.ts';

const files = new Map([
  ['640.webp', Buffer.alloc(200_000, 'webp ')],
  ['640.jpg', Buffer.from('jpeg')],
]);
const renditions = [...files].map(
  ([name, content]): Rendition => ({
    name,
    width: 640,
    height: 480,
    format: name.endsWith('webp') ? 'webp' : 'jpeg',
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }),
);
const source = { format: 'png', width: 1000, height: 750, frames: 1 };
const manifest = manifestOf(source, renditions);
const open = async (name: string) => Readable.from([files.get(name) ?? Buffer.alloc(0)]);
const zipped = () => buffer(zipRenditions(manifest, open));

describe('the zip', () => {
  test('holds the manifest first, then every rendition, byte for byte', async () => {
    const [first, ...others] = await unzip(await zipped());
    expect(first?.name).toBe('manifest.json');
    expect(JSON.parse(first?.content.toString() ?? '')).toEqual({ source, renditions } satisfies Manifest);
    expect(others).toEqual([...files].map(([name, content]) => ({ name, content })));
  });

  test('is the same whenever it is made, so that a repeated attempt publishes the same', async () => {
    expect(await zipped()).toEqual(await zipped());
  });

  test('opens a file when its turn has come, not before', async () => {
    const opened: string[] = [];
    const opens = new EventEmitter();
    const firstOpened = once(opens, 'opened');
    const held = new PassThrough();
    const zip = zipRenditions(manifest, async (name) => {
      opened.push(name);
      opens.emit('opened');
      return name === '640.webp' ? held : open(name);
    });
    const whole = buffer(zip);
    await firstOpened;
    expect(opened).toEqual(['640.webp']);
    held.end(files.get('640.webp'));
    await whole;
    expect(opened).toEqual(['640.webp', '640.jpg']);
  });

  const gone = new Error('gone');
  test.each<[string, () => Promise<Readable>]>([
    ['is not there', () => Promise.reject(gone)],
    [
      'breaks',
      async () =>
        new Readable({
          read() {
            this.destroy(gone);
          },
        }),
    ],
  ])('breaks where a file %s', async (_, broken) => {
    await expect(buffer(zipRenditions(manifest, broken))).rejects.toThrow('gone');
  });

  test('breaks where a file is not as long as the manifest says', async () => {
    const short = async () => Readable.from([Buffer.from('short')]);
    await expect(buffer(zipRenditions(manifest, short))).rejects.toThrow('unexpected number of bytes');
  });

  test('lets go of its file when its reader leaves', async () => {
    const endless = new Readable({ read: () => endless.push(Buffer.alloc(1000)) });
    const zip = zipRenditions(manifest, async () => endless);
    const closed = new Promise((resolve) => endless.once('close', resolve));
    for await (const _ of zip) if (endless.readableFlowing) break;
    await closed;
  });

  test('says of an animation what was left out', () => {
    expect(manifestOf({ ...source, frames: 8 }, renditions).note).toBe('of the first of 8 frames');
    expect(manifest).not.toHaveProperty('note');
  });
});

describeWithTool('unzip', 'the zip, by unzip -t', (tool) => {
  test('has no error', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zip-'));
    try {
      const file = join(folder, 'renditions.zip');
      await writeFile(file, await zipped());
      const { stdout } = await promisify(execFile)(tool, ['-t', file]);
      expect(stdout).toContain('No errors detected');
      expect(stdout.match(/ OK$/gm)).toHaveLength(1 + files.size);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

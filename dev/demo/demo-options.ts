/** The options of `npm run demo`. */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SettingError } from '../host/local-host.ts';

const SAMPLE_IMAGE = resolve(import.meta.dirname, '../../samples/dunes.jpg');

export interface DemoImage {
  readonly fileName: string;
  readonly content: Buffer;
}

export interface DemoOptions {
  /** Shows a workflow, on this image. Default: the main job, on a CSV. */
  readonly image?: DemoImage;
}

/**
 * `--image FILE`, or `--image` for the sample.
 * @throws {SettingError} naming what is unknown or cannot be read
 */
export function readDemoOptions(args: readonly string[]): DemoOptions {
  const usage = 'npm run demo takes no option, or --image FILE, or --image for a sample.';
  let wanted: { isImage: boolean; files: string[] };
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { image: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    wanted = { isImage: values.image, files: positionals };
  } catch {
    throw new SettingError(usage);
  }
  const { isImage, files } = wanted;
  if (files.length > (isImage ? 1 : 0)) throw new SettingError(usage);
  if (!isImage) return {};
  const file = files[0] ?? SAMPLE_IMAGE;
  try {
    return { image: { fileName: basename(file), content: readFileSync(file) } };
  } catch (error) {
    throw new SettingError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

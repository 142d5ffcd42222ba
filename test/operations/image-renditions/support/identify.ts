/** ImageMagick's eyes on a rendition: another decoder than the one that made it. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Seen {
  /** AVIF is what some versions call HEIC, after the container that it has. */
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** In the middle of each quarter: top left, top right, bottom left, bottom right; red, green, blue, alpha, each 0 to 1. */
  readonly quarters: readonly (readonly number[])[];
}

export interface NamedFile {
  readonly name: string;
  readonly content: Buffer;
}

const QUARTER_CENTRES = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.25, 0.75],
  [0.75, 0.75],
] as const;
const pixels = QUARTER_CENTRES.flatMap(([x, y]) =>
  ['r', 'g', 'b', 'a'].map((channel) => `%[fx:p{w*${x},h*${y}}.${channel}]`),
);

/** Whether a `convert` is ImageMagick's. */
export const isImageMagick = (file: string): boolean =>
  spawnSync(file, ['-version'], { encoding: 'utf8' }).stdout.startsWith('Version: ImageMagick');

/** Decodes them all, in one process. `tool` is ImageMagick's `convert`: its `identify` shows an AVIF's colours as stored. */
export async function identify(tool: string, files: readonly NamedFile[]): Promise<Seen[]> {
  const folder = await mkdtemp(join(tmpdir(), 'identify-'));
  try {
    const paths = files.map(({ name }, index) => join(folder, `${index}-${name}`));
    await Promise.all(files.map(({ content }, index) => writeFile(paths[index] ?? '', content)));
    const format = `${['%m', '%w', '%h', ...pixels].join(' ')}\n`;
    const { stdout } = await promisify(execFile)(tool, [
      ...paths,
      '-colorspace',
      'sRGB',
      '-format',
      format,
      'info:',
    ]);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [type = '', ...numbers] = line.split(' ');
        const [width = 0, height = 0, ...channels] = numbers.map(Number);
        const quarters = QUARTER_CENTRES.map((_, quarter) => channels.slice(quarter * 4, quarter * 4 + 4));
        return { format: type.toLowerCase().replace('heic', 'avif'), width, height, quarters };
      });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The bundle of the app. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { buildApp } from '../../../dev/build.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('is one CommonJS file with a source map, which leaves functions-core to the host', async () => {
  const outFile = join(folder, 'main.cjs');
  expect(buildApp({ entryFile: 'test/dev/fixtures/toy-app.ts', outFile })).toBe(outFile);
  const bundle = await readFile(outFile, 'utf8');
  expect(bundle).toContain('require("@azure/functions-core")');
  expect(bundle).not.toContain('require("@azure/functions")');
  expect(JSON.parse(await readFile(`${outFile}.map`, 'utf8')).sources.join()).toContain('toy-app.ts');
});

test('the image library is loaded by the first image, from its own folder, and not by the start', async () => {
  const outFile = join(folder, 'images.cjs');
  buildApp({ entryFile: 'src/operations/image-renditions/index.ts', outFile });
  const bundle = await readFile(outFile, 'utf8');
  expect(bundle).toContain('import("sharp")');
  expect(bundle).not.toContain('require("sharp")');
});

test('an error names the file, the line and what is wrong', () => {
  const build = () =>
    buildApp({ entryFile: 'test/dev/fixtures/broken-app.ts', outFile: join(folder, 'main.cjs') });
  expect(build).toThrow(
    /broken-app.ts could not be built.\n[\s\S]*Could not resolve ".\/nowhere.ts"[\s\S]*broken-app.ts:2:7/,
  );
});

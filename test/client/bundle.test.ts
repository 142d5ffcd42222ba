/** The client as it is built: small, and to be imported by its package's name. */
import { execFile } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';

const file = 'dist/client/index.js';

test('is as new as its sources: npm run build', () => {
  const newest = Math.max(...globSync('src/client/*.ts').map((source) => statSync(source).mtimeMs));
  expect(statSync(file).mtimeMs).toBeGreaterThan(newest);
});

test('is under 5 KB gzipped', () => {
  expect(gzipSync(readFileSync(file)).length).toBeLessThan(5 * 1024);
});

test('imports nothing', () => {
  expect(readFileSync(file, 'utf8')).not.toMatch(/\bimport\b|\brequire\b/);
});

test('is what the package exports, and all of its public face', async () => {
  const code =
    "import * as client from 'azure-functions-request-reply/client'; console.log(Object.keys(client).join())";
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  expect(stdout.trim()).toBe('JobEndedError,ProblemError,createClient');
});

test('has types beside it', () => {
  expect(readFileSync(file.replace(/\.js$/, '.d.ts'), 'utf8')).toContain('createClient');
});

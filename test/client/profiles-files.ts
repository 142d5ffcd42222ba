/** What every program in samples/clients does with a CSV file, against an app that asks for keys. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runProgram } from './run-program.ts';
import type { WatchedApp } from './watched-app.ts';

export const PENGUINS = 'samples/penguins.csv';
export const PENGUINS_ROWS = 344;

/**
 * The tests of one program.
 * @param atStorage how many requests it makes of storage
 * @param profiled holds its output to be of PENGUINS; default: it says how many rows
 */
export function testProgram(
  app: () => WatchedApp,
  command: readonly string[],
  atStorage: 0 | 1,
  profiled = (stdout: string) => expect(stdout.trim()).toBe(`${PENGUINS_ROWS} rows`),
): void {
  let folder: string;
  let unclosedQuote: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'clients-'));
    unclosedQuote = join(folder, 'unclosed-quote.csv');
    writeFileSync(unclosedQuote, 'a,b\n1,"2\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (file: string, key: string) =>
    runProgram([...command, file], {
      APP_URL: app().url,
      APP_KEY: key,
      UPLOAD_KEY: app().uploadKey,
      APP_TOKEN: 'a-token',
    });

  test('starts a job and gets its reply, without telling storage its key or token', async () => {
    const before = app().callersAtStorage().length;
    const ended = await run(PENGUINS, app().key);
    expect(ended).toMatchObject({ code: 0 });
    profiled(ended.stdout);
    const credentials = app()
      .callersAtStorage()
      .slice(before)
      .map(({ headers }) => [headers.authorization, headers['x-functions-key']]);
    expect(credentials).toEqual(Array(atStorage).fill([undefined, undefined]));
  });

  test('says why a job failed', async () => {
    const { code, stdout, stderr } = await run(unclosedQuote, app().key);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('line 2');
  });

  test('says that it was refused', async () => {
    const { code, stdout, stderr } = await run(PENGUINS, 'wrong');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('401');
  });
}

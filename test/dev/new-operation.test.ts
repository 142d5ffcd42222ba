/** `npm run new-operation -- NAME` in a copy of the repository: what it writes passes the checks and its tests, and is served. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runJest } from '../support/jest-process.ts';
import { copyRepository, type RepositoryCopy } from '../support/repository-copy.ts';

const LIMIT_MS = 120_000;
const REGISTRY = 'src/operations/index.ts';

let copy: RepositoryCopy;
beforeAll(() => {
  copy = copyRepository('new-operation');
});
afterAll(() => copy?.remove());

const node = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: copy.folder });
const newOperation = (...args: string[]) => node('dev/new-operation.ts', ...args);
const written = (file: string) => readFileSync(join(copy.folder, file), 'utf8');
const filesOf = (name: string) => [`src/operations/${name}.ts`, `test/operations/${name}.test.ts`];

test('writes the file, its test and the line in the registry, and says what to do next', async () => {
  const { stdout } = await newOperation('thumbnails');
  for (const file of filesOf('thumbnails')) expect(stdout).toContain(file);
  expect(written(REGISTRY)).toContain("export { thumbnails } from './thumbnails.ts';\n");
  expect(stdout).toContain('http://127.0.0.1:7071/api/operations/thumbnails\n');
});

test('--workflow writes the other kind', async () => {
  await newOperation('contact-sheets', '--workflow');
  expect(written('src/operations/contact-sheets.ts')).toContain('export const contactSheets = workflow({');
  expect(written(REGISTRY)).toContain("export { contactSheets } from './contact-sheets.ts';\n");
});

describe('what it has written', () => {
  const files = [...filesOf('thumbnails'), ...filesOf('contact-sheets')];
  const replayTest = 'test/operations/replay-safety.test.ts';

  test(
    'passes lint and types',
    async () => {
      await node(
        'node_modules/@biomejs/biome/bin/biome',
        'ci',
        '--vcs-enabled=false',
        ...files,
        replayTest,
        REGISTRY,
      );
      const tsconfig = { extends: './tsconfig.json', include: [...files, replayTest] };
      writeFileSync(join(copy.folder, 'tsconfig.new.json'), JSON.stringify(tsconfig));
      await node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.new.json');
    },
    LIMIT_MS,
  );

  test(
    'is served, as its tests say, and passes those that hold for every operation',
    async () => {
      await node('dev/build.ts');
      const held = [replayTest, 'test/repository/registrations.test.ts', 'test/http/openapi.test.ts'];
      const tests = [...files.filter((file) => file.endsWith('.test.ts')), ...held];
      const said = await runJest(['--ci', '-w', '2', ...tests], { cwd: copy.folder });
      expect(said).toContain(`Test Suites: ${tests.length} passed, ${tests.length} total`);
    },
    LIMIT_MS,
  );
});

describe('it refuses', () => {
  test.each([
    ['Thumbnails', "operation 'Thumbnails': name must be lower-case letters, digits and single hyphens"],
    ['2d-plots', "'2d-plots' cannot be used"],
    ['delete', "'delete' cannot be used"],
    ['z', "'z' cannot be used"],
    ['delay', "'delay' is taken: there is src/operations/delay.ts."],
    ['csv-profile', "'csv-profile' is taken: there is src/operations/csv-profile."],
    ['../escape', "operation '../escape': name must be"],
  ])('%s', async (name, message) => {
    const before = written(REGISTRY);
    await expect(newOperation(name)).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
    expect(written(REGISTRY)).toBe(before);
    if (name !== 'delay') expect(existsSync(join(copy.folder, `src/operations/${name}.ts`))).toBe(false);
  });

  test('a name that is in the registry under another file', async () => {
    const registry = join(copy.folder, REGISTRY);
    const before = written(REGISTRY);
    writeFileSync(registry, `${before}export { sparkLines } from './lines/index.ts';\n`);
    const message = "'spark-lines' is taken: the registry has sparkLines already.\n";
    await expect(newOperation('spark-lines')).rejects.toMatchObject({ stderr: message });
    writeFileSync(registry, before);
  });

  test.each([[[]], [['one', 'two']], [['one', '--flow']]])('%j, with how it is used', async (args) => {
    await expect(newOperation(...args)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Usage: npm run new-operation -- NAME|Unknown option '--flow'/),
    });
  });
});

/**
 * "Your own operation" in README.md and all of docs/writing-operations.md, followed to the letter in a copy of the project:
 * what they show compiles, passes its tests, and is served, catalogued and validated.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, JSON_TYPE, post, problemOf, startedBy, untilEnded } from '../contract/api.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { runJest } from '../support/jest-process.ts';
import { copyRepository, type RepositoryCopy } from '../support/repository-copy.ts';

const LIMIT_MS = 120_000;

interface Block {
  readonly file: string;
  readonly code: string;
}

/** Each block names its file in backticks on a line that ends in a colon. */
function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/`((?:src|test)\/[^`]+)`:\n\n```ts\n(.*?)```/gs)].map(
    ([, file = '', code = '']) => ({
      file,
      code,
    }),
  );
}

const guide = /\n## Your own operation\n(.*?)\n## /s.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
const page = readFileSync('docs/writing-operations.md', 'utf8');
const blocks = blocksOf(guide);
const pageBlocks = blocksOf(page);
const REGISTRY = 'src/operations/index.ts';

let copy: RepositoryCopy;
let app: FunctionApp;

beforeAll(async () => {
  copy = copyRepository('authoring-guide');
  for (const { file, code } of [...blocks, ...pageBlocks]) {
    const target = join(copy.folder, file);
    if (file === REGISTRY) appendFileSync(target, code);
    else writeFileSync(target, code);
  }
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: copy.folder, encoding: 'utf8' });
  writeFileSync(
    join(copy.folder, 'tsconfig.guide.json'),
    JSON.stringify({ extends: './tsconfig.json', include: pageBlocks.map(({ file }) => file) }),
  );
  run(join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.guide.json');
  run(join('dev', 'build.ts'));
  app = await startFunctionApp({
    entry: join(copy.folder, 'dist', 'main.cjs'),
    settings: { DIAGNOSTIC_OPERATIONS: 'false' },
  });
}, LIMIT_MS);

afterAll(async () => {
  await app?.stop();
  copy?.remove();
});

test('the guide is a file of its own and one line in the registry', () => {
  expect(blocks.map(({ file }) => file)).toEqual(['src/operations/greeting.ts', 'src/operations/index.ts']);
  expect(blocks[1]?.code.trim().split('\n')).toHaveLength(1);
});

test('the operation is in the catalogue, its schema with it', async () => {
  const { value } = JSON.parse((await ask(app, 'GET', '/api/operations')).text);
  expect(value.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['csv-profile', 'greeting']),
  );
  const entry = await ask(app, 'GET', '/api/operations/greeting');
  expect(entry.status).toBe(200);
  expect(entry.text).toContain('Greets somebody, slowly.');
  expect(entry.text).toContain('"required":["name"]');
});

test('it is served', async () => {
  const job = startedBy(await post(app, 'greeting', '{"name":"Ada"}'));
  await untilEnded(app, job);
  const reply = await ask(app, 'GET', `${job.location}?reply=stream`);
  expect([reply.status, JSON.parse(reply.text)]).toEqual([200, { text: 'Hello, Ada' }]);
});

test('its requests are validated', async () => {
  const { errors } = problemOf(await post(app, 'greeting', '{"name":7}'), 400, 'request-invalid');
  expect(errors).toEqual([{ pointer: '/name', detail: expect.any(String) }]);
  problemOf(
    await post(app, 'greeting', 'Ada', { ...JSON_TYPE, 'content-type': 'text/plain' }),
    415,
    'content-type-unsupported',
  );
});

describe('docs/writing-operations.md', () => {
  test('shows nothing that is not tried here', () => {
    expect(page.match(/^```ts$/gm)).toHaveLength(pageBlocks.length);
    expect(pageBlocks.map(({ file }) => file)).toEqual([
      'src/operations/keep-lines.ts',
      REGISTRY,
      'test/operations/keep-lines.test.ts',
      'src/operations/longest-lines.ts',
      REGISTRY,
    ]);
  });

  test('its code is as the formatter wants it', () => {
    const biome = join('node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const files = pageBlocks.map(({ file }) => file).filter((file) => file !== REGISTRY);
    execFileSync(process.execPath, [biome, 'ci', '--vcs-enabled=false', ...files], {
      cwd: copy.folder,
      stdio: 'pipe',
    });
  });

  test(
    'its test passes',
    async () => {
      const said = await runJest(['-w', '1', 'test/operations/keep-lines.test.ts'], { cwd: copy.folder });
      expect(said).toContain('Tests:       3 passed, 3 total');
    },
    LIMIT_MS,
  );

  test('its workflow is served', async () => {
    const text = `${'a'.repeat(400)}\n${'b'.repeat(700)}\nc`;
    const job = startedBy(await post(app, 'longest-lines', text, { 'content-type': 'text/plain' }));
    expect(await untilEnded(app, job)).toMatchObject({ status: 'Succeeded' });
    const reply = await ask(app, 'GET', `${job.location}?reply=stream`);
    expect(JSON.parse(reply.text)).toEqual({ longest: [599, 101] });
  });
});

/**
 * "Your own operation" in README.md, followed to the letter in a copy of the project: one file, one line in the registry,
 * and the operation is served, catalogued and validated.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ask, JSON_TYPE, post, problemOf, startedBy, untilEnded } from '../contract/api.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';

/** What a build reads. */
const SOURCES = ['src', 'dev', 'host.json', 'package.json', 'tsconfig.json'];
const BUILD_LIMIT_MS = 120_000;

/** The guide's blocks: each names its file in backticks on a line that ends in a colon. */
const guide = /\n## Your own operation\n(.*?)\n## /s.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
const blocks = [...guide.matchAll(/`(src\/[^`]+)`:\n\n```ts\n(.*?)```/gs)].map(
  ([, file = '', code = '']) => ({
    file,
    code,
  }),
);

let folder: string;
let app: FunctionApp;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'authoring-guide-'));
  for (const name of SOURCES) cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
  const [operation, registration] = blocks;
  writeFileSync(join(folder, operation?.file ?? ''), operation?.code ?? '');
  appendFileSync(join(folder, registration?.file ?? ''), registration?.code ?? '');
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  writeFileSync(
    join(folder, 'tsconfig.guide.json'),
    JSON.stringify({ extends: './tsconfig.json', include: ['src/operations/*.ts'] }),
  );
  run(join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.guide.json');
  run(join('dev', 'build.ts'));
  app = await startFunctionApp({
    entry: join(folder, 'dist', 'main.cjs'),
    settings: { DIAGNOSTIC_OPERATIONS: 'false' },
  });
}, BUILD_LIMIT_MS);

afterAll(async () => {
  await app?.stop();
  rmSync(folder, { recursive: true });
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

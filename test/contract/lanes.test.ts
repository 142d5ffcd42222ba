/** A copy of the project with an operation in a lane of its own: its long work does not hold up another's short work. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { ask, documentOf, post, type StartedJob, startDelay, startedBy, untilEnded } from './api.ts';

/** What a build reads. */
const SOURCES = ['src', 'dev', 'host.json', 'package.json', 'tsconfig.json'];
/** More than the host takes of one queue at a time, as set below. */
const MANY = 6;

const LONG = `
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { operation } from './operation.ts';

export const long = operation({
  name: 'long',
  summary: 'Takes long, in a lane of its own.',
  lane: 'slow',
  accepts: { 'application/json': z.object({}) },
  async run({ signal }) {
    await wait(600_000, undefined, { signal });
    return { json: {} };
  },
});
`;

let folder: string;
let app: FunctionApp;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lanes-'));
  for (const name of SOURCES) cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
  writeFileSync(join(folder, 'src/operations/long.ts'), LONG);
  appendFileSync(join(folder, 'src/operations/index.ts'), "export { long } from './long.ts';\n");
  execFileSync(process.execPath, [join('dev', 'build.ts')], { cwd: folder });
  app = await startFunctionApp({
    entry: join(folder, 'dist', 'main.cjs'),
    settings: {
      AzureFunctionsJobHost__extensions__queues__batchSize: '2',
      AzureFunctionsJobHost__extensions__queues__newBatchThreshold: '1',
    },
  });
}, 120_000);

afterAll(async () => {
  await app?.stop();
  rmSync(folder, { recursive: true });
});

const fill = (start: () => Promise<StartedJob>) => Promise.all(Array.from({ length: MANY }, start));
const remove = (jobs: readonly StartedJob[]) =>
  Promise.all(jobs.map(({ id }) => ask(app, 'DELETE', `/api/jobs/${id}`)));

test('with its lane full of long work, short work of the common lane runs at once', async () => {
  const long = await fill(async () => startedBy(await post(app, 'long', '{}')));
  await app.logged(/attempt started .*"operation":"long"/, 2);
  const began = performance.now();
  expect((await untilEnded(app, await startDelay(app, { seconds: 0 }))).status).toBe('Succeeded');
  expect(performance.now() - began).toBeLessThan(10_000);
  // Some of the long ones still wait for their turn: the lane is full indeed.
  const documents = await Promise.all(
    long.map(async ({ monitor }) => documentOf(await ask(app, 'GET', monitor))),
  );
  expect(documents.filter(({ status }) => status === 'NotStarted')).not.toEqual([]);
  await remove(long);
}, 60_000);

test('in one lane it would wait: that is what lanes are for', async () => {
  const long = await fill(() => startDelay(app, { seconds: 600 }));
  await app.logged(/attempt started .*"operation":"delay"/, 3);
  const short = await startDelay(app, { seconds: 0 });
  const answer = await ask(app, 'GET', `${short.location}?wait=3`);
  expect([answer.status, documentOf(answer).status]).toEqual([202, 'NotStarted']);
  await remove([...long, short]);
}, 60_000);

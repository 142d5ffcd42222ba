/** `GET /api/openapi.json`: accepted by a validator that knows nothing of the app. Its truth: described-answer.ts, behind every ask. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { ask } from './api.ts';
import { anonymously } from './app-under-test.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();
/** By its command line: jest cannot load the package, which is ESM only. */
const validator = resolve('node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js');

async function validate(text: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, text);
    const { stdout } = await promisify(execFile)(process.execPath, [validator, file]).catch(
      // Its findings come with exit code 1.
      (error: { stdout: string }) => error,
    );
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('is a valid OpenAPI 3.1 document, open to anybody', async () => {
  const answer = await ask(anonymously(app()), 'GET', '/api/openapi.json');
  expect(answer.status).toBe(200);
  const document = JSON.parse(answer.text);
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(await validate(answer.text)).toEqual({ valid: true });
  const broken = JSON.stringify({ ...document, info: { title: 'No version' } });
  expect(await validate(broken)).toMatchObject({ valid: false });
});

test('its servers and paths lead to the catalogue that it describes', async () => {
  const { servers, paths } = JSON.parse((await ask(app(), 'GET', '/api/openapi.json')).text);
  const catalogue = await (await fetch(`${servers[0].url}/operations`)).json();
  const { value } = catalogue as { value: { name: string; accepts: { contentType: string }[] }[] };
  expect(value).not.toEqual([]);
  for (const { name, accepts } of value) {
    expect(Object.keys(paths[`/operations/${name}`].post.requestBody.content)).toEqual(
      accepts.map(({ contentType }) => contentType),
    );
  }
});

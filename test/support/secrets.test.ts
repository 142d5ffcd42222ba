import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildApp } from '../../dev/build.ts';
import { ask } from '../contract/api.ts';
import { startFunctionApp } from './function-app.ts';
import { expectNoSecrets, noteContent, noteSecret, secretsIn } from './secrets.ts';
import { noteSecretsIn } from './seen-secrets.ts';

const id = () => randomBytes(16).toString('base64url');

test('an app that logs what it should not fails the test that stops it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'careless-app-'));
  const outFile = join(folder, 'main.cjs');
  const entry = buildApp({ entryFile: 'test/support/careless-app.ts', outFile });
  const app = await startFunctionApp({ entry, auth: true });
  const [job, upload, key] = [id(), id(), app.host.keys?.host ?? ''];
  // Not by ask(), which knows our own app's answers: what a test sends by other means is noted too.
  await fetch(`${app.url}/api/jobs/${job}?upload=${upload}&code=${key}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'idempotency-key': '"key-of-the-client"', 'x-ms-client-principal-id': 'principal-ada' },
    body: 'content',
  });
  // What it says reaches the log by two ways, neither of which the answer waits for.
  await Promise.all([app.logged(/asked for /), app.logged(/AccountKey=/)]);
  const fault: Error = await app.stop().then(
    () => new Error('nothing was found'),
    (error) => error,
  );
  await rm(folder, { recursive: true });
  for (const secret of [
    `id of a job: ${job}`,
    `id of an upload: ${upload}`,
    `function key: ${key}`,
    'idempotency-key: key-of-the-client',
    'x-ms-client-principal-id: principal-ada',
    'signature of a SAS: c2lnbmF0dXJl%2Bb2Y%3D',
    'account key: ',
  ])
    expect(fault.message).toContain(secret);
});

test('what our own app is asked and answers is noted: ids in documents, what was sent, what came', async () => {
  const app = await startFunctionApp();
  const body = 'column,another column\nvalue,another value\n';
  const started = await ask(app, 'POST', '/api/operations/csv-profile', {
    headers: { 'content-type': 'text/csv' },
    body,
  });
  const upload = JSON.parse((await ask(app, 'POST', '/api/uploads')).text);
  const reply = await ask(app, 'GET', `${started.headers.get('location')}?reply=stream&wait=20`);
  await app.stop();
  for (const secret of [JSON.parse(started.text).id, upload.id, body, reply.text.slice(0, 64)])
    expect(() => expectNoSecrets('A trace', ['nothing', `… ${secret} …`])).toThrow('A trace holds');
  const [, signature = ''] = /sig=([^&]+)/.exec(upload.uploadUrl) ?? [];
  expect(secretsIn(upload.uploadUrl)).toContainEqual(`signature of a SAS: ${signature}`);
});

test.each([
  ['as it is', (secret: string) => secret],
  ['escaped in JSON', (secret: string) => JSON.stringify(secret)],
  ['encoded for a URL', encodeURIComponent],
  ['between others', (secret: string) => `${'x'.repeat(1000)}${secret}${'x'.repeat(1000)}`],
])('a secret is found %s', (_, write) => {
  noteSecret('key', 'the "key" of/a client');
  noteSecret('key', 'the "key" of nobody');
  expect(secretsIn(write('the "key" of/a client'))).toHaveLength(1);
});

test('a content is known by either end', () => {
  const content = `begins like this, ${'and goes on, '.repeat(100)}and ends like that`;
  noteContent(content);
  noteContent(Buffer.from('bytes that nobody else has sent'));
  expect(secretsIn(content.slice(0, 64))).toHaveLength(1);
  expect(secretsIn(content.slice(-64))).toHaveLength(1);
  expect(secretsIn('<bytes that nobody else has sent>')).toHaveLength(1);
});

test('a ref is no secret, nor what is too short to be told from chance', () => {
  const ref = randomBytes(32).toString('base64url');
  noteSecretsIn(`https://host/api/operator/jobs/${ref}/retry`);
  noteSecretsIn(`{"ref":"${ref}","id":"short"}`);
  noteSecret('key', 'short');
  expect(secretsIn(`job accepted {"ref":"${ref}"}, short`)).toEqual([]);
});

/** `POST /api/uploads` and `?upload=`: a request that the client puts into storage itself. */
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { describeWithTool } from '../support/tool.ts';
import {
  type Answer,
  ask,
  newUpload,
  post,
  problemOf,
  putUpload,
  type StartedJob,
  startedBy,
  untilEnded,
  uploaded,
} from './api.ts';
import { readmeCommands, runCommand } from './readme-commands.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();

const CSV = 'a,b\n1,x\n2,y\n';
const start = (operation: string, upload: string, more = '', body?: string) =>
  post(app(), `${operation}?upload=${upload}${more}`, body, {});

async function replyOf(job: StartedJob): Promise<Answer> {
  expect(await untilEnded(app(), job)).toMatchObject({ status: 'Succeeded' });
  return await ask(app(), 'GET', `${job.location.split('?')[0]}?reply=stream`);
}

test('201 names an upload and the URL that writes it', async () => {
  const before = Date.now();
  const answer = await ask(app(), 'POST', '/api/uploads');
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { id, uploadUrl, expiresAt, ...more } = JSON.parse(answer.text);
  expect(more).toEqual({});
  expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  // Storage's clock may differ from this machine's.
  expect(Date.parse(expiresAt) - before).toBeGreaterThan(60_000);
  const url = new URL(uploadUrl);
  expect(url.searchParams.get('sp')).toBe('cw');
  expect(url.searchParams.get('sr')).toBe('b');
  expect(Date.parse(url.searchParams.get('se') ?? '')).toBe(Date.parse(expiresAt));
  expect(uploadUrl).not.toContain(id);
});

test('what was uploaded is the request, and its content type the upload’s', async () => {
  const { id } = await uploaded(app(), CSV, 'text/csv; header=present');
  const job = startedBy(await start('csv-profile', id));
  const reply = JSON.parse((await replyOf(job)).text);
  expect(reply).toMatchObject({ rows: 2, bytes: CSV.length, columns: [{ name: 'a' }, { name: 'b' }] });
});

test('a job started from an upload is answered like any other', async () => {
  const { id } = await uploaded(app(), CSV, 'text/csv');
  const answer = await start('csv-profile', id, '&format=html&reply=stream&pending=200');
  const { location, monitor } = startedBy(answer);
  expect(new URL(location).search).toBe('?pending=200&reply=stream');
  expect(monitor).toMatch(/\/status$/);
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(answer.text).not.toContain(id);
  const reply = await replyOf(startedBy(answer));
  expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
});

test('it may be uploaded in blocks, by the header of its commit that names the type', async () => {
  const upload = await newUpload(app());
  const parts = ['a,b\n', '1,x\n', '2,y\n3,z\n'];
  const ids = parts.map((_, index) => Buffer.from(`part-${index}`).toString('base64'));
  for (const [index, part] of parts.entries()) {
    const url = `${upload.uploadUrl}&comp=block&blockid=${encodeURIComponent(ids[index] ?? '')}`;
    expect((await fetch(url, { method: 'PUT', body: part })).status).toBe(201);
  }
  problemOf(await start('csv-profile', upload.id), 404, 'upload-unknown');
  const list = ids.map((id) => `<Latest>${id}</Latest>`).join('');
  const committed = await fetch(`${upload.uploadUrl}&comp=blocklist`, {
    method: 'PUT',
    headers: { 'x-ms-blob-content-type': 'text/csv' },
    body: `<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`,
  });
  expect(committed.status).toBe(201);
  const job = startedBy(await start('csv-profile', upload.id));
  expect(JSON.parse((await replyOf(job)).text)).toMatchObject({ rows: 3 });
});

test('the body of the start is ignored, and so is its content type', async () => {
  const { id } = await uploaded(app(), CSV, 'text/csv');
  const answer = await ask(app(), 'POST', `/api/operations/csv-profile?upload=${id}`, {
    headers: { 'content-type': 'application/json' },
    body: '{"not":"looked at"}',
  });
  expect(JSON.parse((await replyOf(startedBy(answer))).text)).toMatchObject({ rows: 2 });
});

test('one upload serves several jobs', async () => {
  const { id } = await uploaded(app(), CSV, 'text/csv');
  const jobs = await Promise.all([1, 2, 3].map(async () => startedBy(await start('csv-profile', id))));
  expect(new Set(jobs.map((job) => job.id)).size).toBe(3);
  for (const job of jobs) expect(JSON.parse((await replyOf(job)).text)).toMatchObject({ rows: 2 });
});

test('an empty upload is an empty request', async () => {
  const { id } = await uploaded(app(), '', 'text/csv');
  const job = startedBy(await start('csv-profile', id));
  expect(await untilEnded(app(), job)).toMatchObject({ status: 'Failed' });
  expect((await ask(app(), 'GET', job.location)).status).toBe(422);
});

test('a JSON request by upload is validated before it is accepted', async () => {
  const right = await uploaded(app(), '{"seconds":0}', 'application/json');
  const job = startedBy(await start('delay', right.id));
  expect(JSON.parse((await replyOf(job)).text)).toEqual({ ref: job.ref, seconds: 0, attempt: 1 });

  const wrong = await uploaded(app(), '{"seconds":-1}', 'application/json');
  const { errors } = problemOf(await start('delay', wrong.id), 400, 'request-invalid');
  expect(errors?.map(({ pointer }) => pointer)).toEqual(['/seconds']);

  const broken = await uploaded(app(), '{"seconds":', 'application/json');
  problemOf(await start('delay', broken.id), 400, 'request-malformed');
});

test('404 where nothing has been uploaded, to what nobody was given, and to what is no id', async () => {
  const { id } = await newUpload(app());
  problemOf(await start('csv-profile', id), 404, 'upload-unknown');
  problemOf(await start('csv-profile', 'AAAAAAAAAAAAAAAAAAAAAA'), 404, 'upload-unknown');
  for (const nonsense of ['', 'x', '../jobs/x', '%00', 'A'.repeat(3000)]) {
    problemOf(await start('csv-profile', nonsense), 404, 'upload-unknown');
  }
});

test('404 to whatever else would lead to an upload or to a request: its URL, its ref, a path, a job', async () => {
  const upload = await uploaded(app(), CSV, 'text/csv');
  const job = startedBy(await start('csv-profile', upload.id));
  const { origin, pathname } = new URL(upload.uploadUrl);
  const ref = pathname.split('/').at(-1) ?? '';
  expect(ref).toMatch(/^[\w-]{43}$/);
  for (const lead of [
    upload.uploadUrl,
    `${origin}${pathname}`,
    pathname,
    ref,
    `../uploads/${ref}`,
    `../jobs/${job.ref}`,
    job.ref,
    job.id,
    job.location,
  ]) {
    problemOf(await start('csv-profile', encodeURIComponent(lead)), 404, 'upload-unknown');
  }
});

test('404 to an operation that is not offered, 400 to parameters it does not take, before the upload is looked at', async () => {
  problemOf(await start('nothing', 'AAAAAAAAAAAAAAAAAAAAAA'), 404, 'operation-unknown');
  problemOf(await start('csv-profile', 'AAAAAAAAAAAAAAAAAAAAAA', '&format=xml'), 400, 'parameters-invalid');
});

test('400 to two uploads', async () => {
  const { id } = await newUpload(app());
  problemOf(await start('csv-profile', `${id}&upload=${id}`), 400, 'query-invalid');
});

test('415 to an upload of another content type, whatever the start says', async () => {
  const { id } = await uploaded(app(), '{"seconds":0}', 'application/json');
  const answer = await ask(app(), 'POST', `/api/operations/csv-profile?upload=${id}`, {
    headers: { 'content-type': 'text/csv' },
  });
  problemOf(answer, 415, 'content-type-unsupported');
  expect(answer.headers.get('accept')).toBe('text/csv');
});

test('415 to an upload that is encoded, whatever the start says', async () => {
  const upload = await newUpload(app());
  expect(await putUpload(upload, gzipSync(CSV), 'text/csv', { 'x-ms-blob-content-encoding': 'gzip' })).toBe(
    201,
  );
  const answer = await start('csv-profile', upload.id);
  problemOf(answer, 415, 'content-encoding-unsupported');
  expect(answer.headers.get('accept-encoding')).toBe('identity');
});

test('the document that stands for an upload cannot be sent in its place', async () => {
  const document = { upload: 'A'.repeat(43), etag: '"0x1"', contentType: 'text/csv', sizeBytes: 1 };
  const headers = { 'content-type': 'application/vnd.request-reply.upload+json' };
  const answer = await post(app(), 'csv-profile', JSON.stringify(document), headers);
  problemOf(answer, 415, 'content-type-unsupported');
});

test('the URL writes its one upload and does nothing else', async () => {
  const upload = await uploaded(app(), CSV, 'text/csv');
  const other = await newUpload(app());
  for (const method of ['GET', 'HEAD', 'DELETE']) {
    expect((await fetch(upload.uploadUrl, { method })).status).toBe(403);
  }
  const elsewhere = new URL(upload.uploadUrl);
  elsewhere.pathname = new URL(other.uploadUrl).pathname;
  expect(await putUpload({ ...other, uploadUrl: elsewhere.href }, CSV, 'text/csv')).toBe(403);
});

test('a browser on any origin may write it, with any header', async () => {
  const { uploadUrl } = await newUpload(app());
  const response = await fetch(uploadUrl, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://page.example',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-type,x-ms-blob-type,x-of-its-own',
    },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/page\.example)$/);
  expect(response.headers.get('access-control-allow-methods')).toContain('PUT');
  expect(response.headers.get('access-control-allow-headers')).toMatch(/\*|x-of-its-own/);
});

describeWithTool('curl', 'with curl', () => {
  test('the commands of the README upload a file and start a job from it', async () => {
    const [create = '', put = '', start = '', ...more] = readmeCommands('upload');
    expect(more).toEqual([]);
    const { id, uploadUrl } = JSON.parse(await runCommand(app(), create));
    expect(await runCommand(app(), put, { uploadUrl })).toBe('');
    const started = await runCommand(app(), start, { id });
    const [, location = ''] = /^location: (\S+)/im.exec(started) ?? [];
    await untilEnded(app(), { id: '', ref: '', location, monitor: `${location}/status` });
    expect(JSON.parse(await runCommand(app(), `curl -L ${location}`))).toMatchObject({ rows: 344 });
  });
});

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Handler } from '../../src/http/answer.ts';
import { noPage, type Page, page } from '../../src/http/pages.ts';
import { requestOf } from './requests.ts';

let folder: string;
let pageOf: (publicBaseUrl?: string) => Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pages-'));
  await writeFile(join(folder, 'index.html'), '<title>A page</title>');
  await writeFile(join(folder, 'page.js'), 'run();');
  await writeFile(join(folder, 'LICENSE'), 'Free.');
  pageOf = (publicBaseUrl) =>
    page('page/{file}', {
      folder,
      files: ['page.js'],
      storageOrigin: 'https://store.example',
      config: { publicBaseUrl, hostUrl: undefined, trustForwardedHeaders: false, routePrefix: 'api' },
    });
});
afterAll(() => rm(folder, { recursive: true }));

const ask = (handler: Handler, path: string, headers: Record<string, string> = {}) =>
  handler(requestOf(path, { headers }), {} as Parameters<Handler>[1]);

test('a page may ask the app by its public name, and storage, whatever name it was opened by', async () => {
  const { headers } = await ask(pageOf('https://api.example/behind').page, '/api/page');
  expect(headers['content-security-policy']).toContain(
    "connect-src 'self' https://api.example https://store.example;",
  );
});

test('a file that has not changed is not sent again', async () => {
  const { file } = pageOf();
  const first = await ask(file, '/api/page/page.js');
  expect(first).toMatchObject({ status: 200, headers: { 'content-type': 'text/javascript; charset=utf-8' } });
  const again = await ask(file, '/api/page/page.js', { 'if-none-match': first.headers.etag ?? '' });
  expect(again.status).toBe(304);
  expect(again.body).toBeUndefined();
});

test('a file that could not be read is read again by the next who asks', async () => {
  const { file } = pageOf();
  await rename(join(folder, 'page.js'), join(folder, 'away.js'));
  await expect(ask(file, '/api/page/page.js')).rejects.toMatchObject({ code: 'ENOENT' });
  await rename(join(folder, 'away.js'), join(folder, 'page.js'));
  expect(await ask(file, '/api/page/page.js')).toMatchObject({ status: 200 });
});

test.each(['LICENSE', 'index.html', '..%2Fpage.js', 'none.js'])(
  'no file but those of the page: %s',
  async (name) => {
    await expect(ask(pageOf().file, `/api/page/${name}`)).rejects.toMatchObject({ code: 'page-unknown' });
  },
);

test('a slash at the end would lead its relative paths astray', async () => {
  expect(await ask(pageOf().page, '/api/page/')).toMatchObject({
    status: 308,
    headers: { location: '../page' },
  });
});

test('a page that is off is unknown, its files too', async () => {
  await expect(ask(noPage.page, '/api/page')).rejects.toMatchObject({ code: 'page-unknown' });
  await expect(ask(noPage.file, '/api/page/page.js')).rejects.toMatchObject({ code: 'page-unknown' });
});

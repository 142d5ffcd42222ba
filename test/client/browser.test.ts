/** samples/clients/browser.js and our client in a real browser, where page, app and storage are of three origins. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type * as client from '../../src/client/index.ts';
import { useChromium } from '../browser/chromium.ts';
import { describeWithTool } from '../support/tool.ts';
import { PENGUINS, PENGUINS_ROWS } from './profiles-files.ts';
import { useWatchedApp } from './watched-app.ts';

/** What the page has loaded. */
interface PageGlobals {
  readonly client: typeof client;
  profile(
    appUrl: string,
    file: Blob,
    onProgress: (percent: number) => void,
    headers: Record<string, string>,
  ): Promise<{ rows: number }>;
}

const files: Readonly<Record<string, [contentType: string, content: () => string | Buffer]>> = {
  '/': [
    'text/html',
    () => `<!doctype html><link rel="icon" href="data:,"><script type="module">
      import * as client from '/client.js';
      import { profile } from '/browser.js';
      Object.assign(globalThis, { client, profile });
    </script>`,
  ],
  '/client.js': ['text/javascript', () => readFileSync('dist/client/index.js')],
  '/browser.js': ['text/javascript', () => readFileSync('samples/clients/browser.js')],
};

describeWithTool('chromium', 'in Chromium', (chromium) => {
  const app = useWatchedApp({ settings: { CORS_ALLOWED_ORIGINS: '*' } });
  let server: Server;
  let pageUrl: string;
  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      const [contentType, content] = files[url] ?? ['text/plain', () => ''];
      response.writeHead(url in files ? 200 : 404, { 'content-type': contentType }).end(content());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    pageUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const open = useChromium(chromium, () => [pageUrl, app().url, app().storageUrl]);
  const openPage = async (): Promise<Page> => {
    const page = await open(pageUrl);
    await page.waitForFunction('globalThis.profile');
    return page;
  };
  const known = () => ({
    baseUrl: app().url,
    key: app().key,
    uploadKey: app().uploadKey,
    csv: readFileSync(PENGUINS, 'utf8'),
  });

  test('browser.js profiles a file', async () => {
    const page = await openPage();
    const { rows } = await page.evaluate(async ({ baseUrl, key, csv }) => {
      const { profile } = globalThis as unknown as PageGlobals;
      return await profile(baseUrl, new Blob([csv]), () => {}, { 'x-functions-key': key });
    }, known());
    expect(rows).toBe(PENGUINS_ROWS);
    expect(app().callersAtStorage().at(-1)?.headers.origin).toBe('null');
  });

  test('browser.js says why a job failed', async () => {
    const page = await openPage();
    const message = await page.evaluate(async ({ baseUrl, key }) => {
      const { profile } = globalThis as unknown as PageGlobals;
      const headers = { 'x-functions-key': key };
      return await profile(baseUrl, new Blob(['a,b\n1,"2\n']), () => {}, headers).then(String, String);
    }, known());
    expect(message).toContain('line 2');
  });

  test('our client uploads, starts, waits, and reads the reply from storage and through the app', async () => {
    const page = await openPage();
    const seen = await page.evaluate(async ({ baseUrl, key, uploadKey, csv }) => {
      const { createClient } = (globalThis as unknown as PageGlobals).client;
      const app = createClient({ baseUrl, key, uploadKey });
      const progress: number[] = [];
      const upload = await app.upload(new Blob([csv], { type: 'text/csv' }), {
        onProgress: ({ sentBytes, totalBytes }) => progress.push(sentBytes / totalBytes),
      });
      const job = await app.submit('csv-profile', { upload });
      await app.wait(job, { waitSeconds: 20 });
      const replies = [await app.reply(job), await app.reply(job, { through: 'app' })];
      const profiles = (await Promise.all(replies.map((reply) => reply.json()))) as { rows: number }[];
      return { progress, rows: profiles.map(({ rows }) => rows) };
    }, known());
    expect(seen).toEqual({ progress: [1], rows: [PENGUINS_ROWS, PENGUINS_ROWS] });
  });

  test('our client cancels, and says what is wrong with a request', async () => {
    const page = await openPage();
    const codes = await page.evaluate(async ({ baseUrl, key }) => {
      const { createClient, ProblemError, JobEndedError } = (globalThis as unknown as PageGlobals).client;
      const app = createClient({ baseUrl, key });
      const codeOf = (error: unknown) =>
        error instanceof ProblemError || error instanceof JobEndedError ? error.code : String(error);
      const job = await app.submit('delay', { json: { seconds: 60 } });
      await app.cancel(job);
      return [
        await app.wait(job.location).then(String, codeOf),
        await app.submit('delay', { json: {} }).then(String, codeOf),
      ];
    }, known());
    expect(codes).toEqual(['job-canceled', 'request-invalid']);
  });
});

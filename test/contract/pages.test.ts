/** `/api/docs` and `/api/demo`: what is served, and under which policy. What a browser makes of it: test/browser. */
import { describe, expect, test } from '@jest/globals';
import { useFunctionApp } from '../support/function-app.ts';
import { ask, problemOf } from './api.ts';
import { anonymously, urlAt } from './app-under-test.ts';
import { useRunningApp } from './running-app.ts';

const running = useRunningApp();

/** Read to its end: what is left of an answer keeps its connection, and that keeps the process from ending. */
async function fetchWhole(url: URL, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(url, { redirect: 'manual', headers });
  await answer.arrayBuffer();
  return answer;
}

describe.each(['docs', 'demo'])('/api/%s', (name) => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetchWhole(urlAt(running(), path), headers);

  test('is a page with a policy that lets in nothing from elsewhere', async () => {
    const answer = await ask(anonymously(running()), 'GET', `/api/${name}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(answer.text).not.toMatch(/<script>|\son\w+=|style=|https?:/);
  });

  test('its files are there, and are not sent twice', async () => {
    const html = (await ask(running(), 'GET', `/api/${name}`)).text;
    const files = [...html.matchAll(/(?:src|href)="([^"#:]+\.(?:js|css))"/g)].map(
      ([, file]) => `/api/${file}`,
    );
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const answer = await get(file);
      expect([file, answer.status]).toEqual([file, 200]);
      expect(answer.headers.get('content-type')).toBe(
        file.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8',
      );
      const again = await get(file, { 'if-none-match': answer.headers.get('etag') ?? '' });
      expect([file, again.status]).toEqual([file, 304]);
    }
  });

  test.each(['nothing.js', 'index.html', '..%2fmain.cjs', 'LICENSE'])('has no file %s', async (file) => {
    const answer = await get(`/api/${name}/${file}`);
    expect(answer.status).toBe(404);
  });

  test('with a slash at its end leads to the page', async () => {
    const answer = await get(`/api/${name}/`);
    expect(answer.status).toBe(308);
    const leadsTo = new URL(answer.headers.get('location') ?? '', `${running().url}/api/${name}/`);
    expect(leadsTo.href).toBe(`${running().url}/api/${name}`);
  });
});

describe('with DEMO_PAGE=false', () => {
  const app = useFunctionApp({ settings: { DEMO_PAGE: 'false' } });

  test('there is no demo page, and the other one is', async () => {
    problemOf(await ask(app(), 'GET', '/api/demo'), 404, 'page-unknown');
    expect((await fetchWhole(new URL(`${app().url}/api/demo/demo.js`))).status).toBe(404);
    expect((await ask(app(), 'GET', '/api/docs')).status).toBe(200);
  });
});

/** PUBLIC_BASE_URL and the default dialect, as an operator sets them. */
import { expect, test } from '@jest/globals';
import { useFunctionApp } from '../support/function-app.ts';
import { ask, documentOf, post, problemOf, retryAfterOf, startedBy, untilEnded } from './api.ts';

const BASE = 'https://api.example/work';
const app = useFunctionApp({
  settings: { PUBLIC_BASE_URL: BASE, PENDING_STATUS: '404', REPLY_MODE: 'link' },
});
/** What a gateway at the public URL would ask. */
const inner = (url: string) => url.replace(BASE, app().url);

test('every URL that the app makes begins with the public one, its path prefix included', async () => {
  const { location, monitor } = startedBy(await post(app(), 'delay', '{"seconds":0}'));
  expect(location).toMatch(/^https:\/\/api\.example\/work\/api\/jobs\/[\w-]{22}$/);
  expect(monitor).toBe(`${location}/status`);
  const job = { id: '', ref: '', location: inner(location), monitor: inner(monitor) };
  const { resourceLocation } = await untilEnded(app(), job);
  expect(resourceLocation).toBe(`${location}?reply=stream`);
  const { value } = JSON.parse((await ask(app(), 'GET', '/api/operations')).text);
  for (const entry of value) expect(entry.location).toBe(`${BASE}/api/operations/${entry.name}`);
});

test('a caller who says nothing gets the dialect of the settings, one who does his own', async () => {
  const { location, monitor } = startedBy(await post(app(), 'delay', '{"seconds":1}'));
  const pending = await ask(app(), 'GET', inner(location));
  problemOf(pending, 404, 'job-pending');
  retryAfterOf(pending);
  expect((await ask(app(), 'GET', `${inner(location)}?pending=202`)).status).toBe(202);

  await untilEnded(app(), { id: '', ref: '', location: inner(location), monitor: inner(monitor) });
  const linked = await ask(app(), 'GET', inner(location));
  expect(linked.status).toBe(200);
  expect((await fetch(documentOf(linked).replyUrl ?? '')).status).toBe(200);
  expect((await ask(app(), 'GET', `${inner(location)}?reply=redirect`)).status).toBe(302);
});

/** Where the client's key and token go, and where they do not. */
import { describe, expect, test } from '@jest/globals';
import { createClient } from '../../src/client/index.ts';
import {
  documentAnswer,
  JOB_URL,
  problemAnswer,
  type ScriptedFetch,
  scriptedFetch,
} from './scripted-fetch.ts';

const REPLY_URL = 'https://account.blob.core.windows.net/jobs/ref?sv=1&sig=s';
const SECRETS = { key: 'the-key', token: 'the-token' };

const clientOf = ({ fetch }: ScriptedFetch, secrets: object = SECRETS) =>
  createClient({ baseUrl: 'https://app.example/', fetch, maxRetries: 0, ...secrets });

const credentialsOf = ({ asked }: ScriptedFetch) =>
  asked.map(({ method, url, headers }) => [
    `${method} ${new URL(url).origin}`,
    headers.get('x-functions-key'),
    headers.get('authorization'),
  ]);

const linked = documentAnswer('Succeeded', 200, {}, { replyUrl: REPLY_URL });

test('the key goes with a start and an upload, the token with everything that is the app’s', async () => {
  const app = scriptedFetch(documentAnswer('NotStarted', 202));
  const client = clientOf(app);
  await client.submit('delay', { json: {} });
  await client.poll(JOB_URL);
  await client.cancel(JOB_URL);
  await client.delete(JOB_URL);
  expect(credentialsOf(app)).toEqual([
    ['POST https://app.example', 'the-key', 'Bearer the-token'],
    ['GET https://app.example', null, 'Bearer the-token'],
    ['POST https://app.example', null, 'Bearer the-token'],
    ['DELETE https://app.example', null, 'Bearer the-token'],
  ]);
});

test('a token may be fetched anew for each request', async () => {
  let count = 0;
  const app = scriptedFetch(documentAnswer('Running'));
  const client = clientOf(app, { token: async () => `token-${++count}` });
  await client.poll(JOB_URL);
  await client.poll(JOB_URL);
  expect(credentialsOf(app).map(([, , token]) => token)).toEqual(['Bearer token-1', 'Bearer token-2']);
});

describe('neither goes', () => {
  test('to storage with the fetch of a reply', async () => {
    const app = scriptedFetch(linked, new Response('the reply'));
    const reply = await clientOf(app).reply(JOB_URL);
    expect(await reply.text()).toBe('the reply');
    expect(app.asked[1]?.url).toBe(REPLY_URL);
    expect(credentialsOf(app)[1]).toEqual(['GET https://account.blob.core.windows.net', null, null]);
    expect(app.asked[1]?.credentials).toBe('omit');
  });

  test('to storage when the app redirects a reply that it was to stream', async () => {
    const redirect = new Response(null, { status: 302, headers: { location: REPLY_URL } });
    const app = scriptedFetch(redirect, linked, new Response('the reply'));
    const reply = await clientOf(app).reply(JOB_URL, { through: 'app' });
    expect(await reply.text()).toBe('the reply');
    expect(app.asked.map(({ redirect }) => redirect)).toEqual(['manual', 'manual', undefined]);
    expect(credentialsOf(app)[2]).toEqual(['GET https://account.blob.core.windows.net', null, null]);
  });

  test('to storage with an upload', async () => {
    const uploadUrl = 'https://account.blob.core.windows.net/uploads/u?sv=1&sig=s';
    const app = scriptedFetch(
      Response.json({ id: 'u', uploadUrl, expiresAt: '2030-01-01T00:00:00Z' }, { status: 201 }),
      new Response(null, { status: 201 }),
    );
    await clientOf(app).upload(new Blob(['a,b\n1,2\n']));
    expect(credentialsOf(app)).toEqual([
      ['POST https://app.example', 'the-key', 'Bearer the-token'],
      ['PUT https://account.blob.core.windows.net', null, null],
      ['PUT https://account.blob.core.windows.net', null, null],
    ]);
  });

  test('to another origin, should a job’s URL name one', async () => {
    const app = scriptedFetch(documentAnswer('Running'));
    await clientOf(app).poll('https://evil.example/api/jobs/x');
    expect(credentialsOf(app)).toEqual([['GET https://evil.example', null, null]]);
  });

  test('with a redirect of any other request: it is an error', async () => {
    const app = scriptedFetch(
      new Response(null, { status: 307, headers: { location: 'https://evil.example/' } }),
    );
    await expect(clientOf(app).submit('delay', { json: {} })).rejects.toMatchObject({ status: 307 });
    expect(app.asked).toHaveLength(1);
  });
});

test('no error says a URL: a job’s is a secret', async () => {
  const app = scriptedFetch(problemAnswer(404, 'job-unknown'));
  const error = await clientOf(app)
    .poll(JOB_URL)
    .catch((reason: unknown) => reason);
  expect(`${(error as Error).stack}`).not.toContain('bxJd1SDtZBd8j');
});

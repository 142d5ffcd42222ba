/** Who may do what: function keys as Azure enforces them, and App Service authentication with two owners. */
import { describe, expect, test } from '@jest/globals';
import { useFunctionApp } from '../support/function-app.ts';
import { ask, JSON_TYPE, post, problemOf, startDelay, startedBy, untilEnded } from './api.ts';

describe('where keys are enforced', () => {
  const app = useFunctionApp({ auth: true });
  const key = () => app().host.keys?.functions['start-operation'] ?? app().host.keys?.host ?? '';

  test.each([
    ['POST', '/api/operations/delay'],
    ['GET', '/api/operator/jobs'],
    ['POST', '/api/operator/jobs/x/retry'],
  ])('%s %s wants a key', async (method, path) => {
    expect((await ask(app(), method, path)).status).toBe(401);
  });

  test.each(['/api/operations', '/api/health'])('GET %s wants none', async (path) => {
    expect((await ask(app(), 'GET', path)).status).toBe(200);
  });

  test('a job lives by its URLs alone, and the key is in none of them', async () => {
    const headers = { ...JSON_TYPE, 'x-functions-key': key() };
    const started = await post(app(), 'delay', JSON.stringify({ seconds: 0 }), headers);
    const job = startedBy(started);
    await untilEnded(app(), job);
    const reply = await ask(app(), 'GET', job.location);
    expect(reply.status).toBe(302);
    for (const answer of [started, reply]) {
      expect(JSON.stringify([...answer.headers]) + answer.text).not.toContain(key());
    }
  });

  test('a key in the query starts a job and goes no further', async () => {
    const started = await post(app(), `delay?code=${key()}`, JSON.stringify({ seconds: 0 }));
    expect(started.status).toBe(202);
    expect(JSON.stringify([...started.headers]) + started.text).not.toContain(key());
  });
});

describe('under App Service authentication', () => {
  // `True` is how Azure writes it.
  const app = useFunctionApp({ settings: { WEBSITE_AUTH_ENABLED: 'True' } });
  const as = (principal: string) => ({
    'x-ms-client-principal-id': `principal-${principal}`,
    'x-ms-client-principal-idp': 'aad',
  });

  test('a caller who is not signed in gets the 401 of the app', async () => {
    problemOf(await post(app(), 'delay', '{"seconds":0}'), 401, 'unauthenticated');
    problemOf(await ask(app(), 'GET', '/api/operator/jobs'), 401, 'unauthenticated');
  });

  test("two owners cannot see each other's jobs", async () => {
    const started = await post(app(), 'delay', '{"seconds":0}', { ...JSON_TYPE, ...as('ada') });
    const job = startedBy(started);
    problemOf(await ask(app(), 'GET', job.location, { headers: as('bob') }), 404, 'job-unknown');
    problemOf(await ask(app(), 'DELETE', job.location, { headers: as('bob') }), 404, 'job-unknown');
    problemOf(await ask(app(), 'GET', job.location), 401, 'unauthenticated');
    expect((await ask(app(), 'GET', job.monitor, { headers: as('ada') })).status).toBe(200);
  });
});

describe('under App Service authentication, where keys are enforced', () => {
  const app = useFunctionApp({ auth: true, settings: { WEBSITE_AUTH_ENABLED: 'true' } });
  const ada = { 'x-ms-client-principal-id': 'principal-ada', 'x-ms-client-principal-idp': 'aad' };

  test('being signed in makes nobody an operator', async () => {
    expect((await post(app(), 'delay', '{"seconds":0}', { ...JSON_TYPE, ...ada })).status).toBe(202);
    const list = (headers: Record<string, string>) => ask(app(), 'GET', '/api/operator/jobs', { headers });
    expect((await list(ada)).status).toBe(401);
    const key = { 'x-functions-key': app().host.keys?.host ?? '' };
    expect((await list({ ...ada, ...key })).status).toBe(200);
    problemOf(await list(key), 401, 'unauthenticated');
  });
});

describe('where App Service authentication is off', () => {
  const app = useFunctionApp();

  test('forged principal headers change nothing', async () => {
    const forged = { 'x-ms-client-principal-id': 'principal-ada', 'x-ms-client-principal-idp': 'aad' };
    const job = await startDelay(app(), { seconds: 0 }, '', forged);
    expect((await ask(app(), 'GET', job.monitor)).status).toBe(200);
  });
});

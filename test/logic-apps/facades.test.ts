/** The two facades before the Functions, by the interpreter, against the app on the local host with its keys enforced. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Workflow } from '../../dev/logic-apps/start-workflow.ts';
import { answer, serve, type Turn } from '../dev/logic-apps/scripted-server.ts';
import { eventually } from '../support/eventually.ts';
import { useFunctionApp } from '../support/function-app.ts';
import { call, clock, definitionFiles, type PlainAnswer, post, workflow } from './workflows.ts';

// A facade asks for its dialect itself, whatever the app's default is.
const app = useFunctionApp({ auth: true, settings: { PENDING_STATUS: '404', REPLY_MODE: 'redirect' } });

/** Callers get the key of the function they call, never a host key. */
const startKey = () => app().host.keys?.functions['start-operation'] ?? '';

const facade = (file: string, operation: string, operationQuery = '', appKey = startKey()) =>
  workflow(file, { appUrl: app().url, appKey, operation, operationQuery });

describe('the synchronous facade', () => {
  let delay: Workflow;
  beforeAll(async () => {
    delay = await facade(definitionFiles.synchronousFacade, 'delay');
  });

  test('one plain call gets the reply in its answer', async () => {
    const answer = await post(delay.callbackUrl, { seconds: 1 });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json()).toMatchObject({ seconds: 1, attempt: 1 });
  });

  test('any content type passes, both ways, with a query of the deployment', async () => {
    const profile = await facade(definitionFiles.synchronousFacade, 'csv-profile', '&format=html');
    const answer = await call(
      profile.callbackUrl,
      'POST',
      readFileSync('samples/penguins.csv'),
      'text/csv; charset=utf-8',
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.bytes.toString()).toMatch(/^<!doctype html>/i);
  });

  test('bytes come as they are', async () => {
    const answer = await post(delay.callbackUrl, { seconds: 0, replyBytes: 100_000 });
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.bytes).toEqual(
      Buffer.from(Uint8Array.from({ length: 100_000 }, (_, index) => index % 256)),
    );
  });

  test('failed: the status and the problem of the job', async () => {
    const answer = await post(delay.callbackUrl, { seconds: 0, outcome: 'reject' });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({ status: 422, detail: 'The request asked to be rejected.' });
    expect((await call(answer.headers.get('location') ?? '')).status).toBe(422);
  });

  test('canceled meanwhile: 410 and its problem', async () => {
    const [answer] = await Promise.all([post(delay.callbackUrl, { seconds: 60 }), cancelRunning()]);
    expect(answer.status).toBe(410);
    expect(answer.json()).toMatchObject({ type: expect.stringMatching(/:job-canceled$/) });
  });

  test('too slow: 504 in time, with the URL where the reply will be', async () => {
    const asked = post(delay.callbackUrl, { seconds: 3 });
    await running();
    clock.advance(90);
    const answer = await asked;
    expect(answer.status).toBe(504);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const { location } = answer.json();
    expect(location).toBe(answer.headers.get('location'));

    const later = await eventually(async () => {
      const polled = await call(String(location));
      return polled.status === 202 ? undefined : polled;
    });
    expect(later.status).toBe(200);
    expect(later.json()).toMatchObject({ seconds: 3 });
  });

  test('refused: what the app answered', async () => {
    const answer = await post(delay.callbackUrl, { seconds: -1 });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ type: expect.stringMatching(/:request-invalid$/) });
  });

  test('a wrong key, which the host refuses without a body: 401', async () => {
    const wrong = await facade(definitionFiles.synchronousFacade, 'delay', '', 'wrong');
    const answer = await post(wrong.callbackUrl, { seconds: 0 });
    expect(answer.status).toBe(401);
    expect(answer.json()).toMatchObject({ title: 'The app did not take the request' });
  });

  test('no app at all: 502', async () => {
    const nowhere = await workflow(definitionFiles.synchronousFacade, {
      appUrl: 'http://127.0.0.1:9',
      appKey: 'none',
      operation: 'delay',
      operationQuery: '',
    });
    const answer = await post(nowhere.callbackUrl, { seconds: 0 });
    expect(answer.status).toBe(502);
  });
});

describe('the synchronous facade before an app that', () => {
  async function asked(...turns: readonly Turn[]) {
    const { url, seen } = await serve(
      (response, origin) => {
        response.writeHead(202, { location: `${origin}/api/jobs/one`, 'retry-after': '1' }).end();
      },
      ...turns,
    );
    const parameters = { appUrl: url, appKey: 'a key', operation: 'any', operationQuery: '' };
    const { callbackUrl } = await workflow(definitionFiles.synchronousFacade, parameters);
    return { asked: await post(callbackUrl, {}), seen };
  }

  test('breaks off while it waits: 502, with the URL of the job', async () => {
    const { asked: got } = await asked((response) => response.destroy());
    expect(got.status).toBe(502);
    expect(got.headers.get('location')).toMatch(/\/api\/jobs\/one$/);
    expect(got.json()).toMatchObject({ title: 'The app does not answer' });
  });

  test('fails a job with 500: at once, without asking for it again', async () => {
    const { asked: got, seen } = await asked(
      answer(500, { 'content-type': 'application/problem+json' }, '{"status":500}'),
    );
    expect(got.status).toBe(500);
    expect(got.json()).toEqual({ status: 500 });
    expect(seen).toHaveLength(2);
  });

  test('sees the key with the start and not with the polls', async () => {
    const { asked: got, seen } = await asked(
      answer(202, { location: '/api/jobs/one' }),
      answer(200, {}, 'done'),
    );
    expect(got.bytes.toString()).toBe('done');
    expect(seen.map(({ headers }) => headers['x-functions-key'])).toEqual(['a key', undefined, undefined]);
    expect(seen[0]?.path).toBe('/api/operations/any?pending=202&reply=stream');
    expect(seen[0]?.headers['idempotency-key']).toMatch(/^\w+$/);
  });
});

describe('the asynchronous facade', () => {
  let delay: Workflow;
  beforeAll(async () => {
    delay = await facade(definitionFiles.asynchronousFacade, 'delay');
  });

  /** As a client of the pattern does. */
  async function followed(accepted: PlainAnswer): Promise<PlainAnswer> {
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('retry-after')).toMatch(/^\d+$/);
    return await eventually(async () => {
      const answer = await call(accepted.headers.get('location') ?? '');
      return answer.status === 202 ? undefined : answer;
    });
  }

  test('202 at once, then 202 at its Location, then the reply', async () => {
    const accepted = await post(delay.callbackUrl, { seconds: 1 });
    const location = accepted.headers.get('location') ?? '';
    expect(new URL(location).origin).toBe(new URL(delay.callbackUrl).origin);
    expect((await call(location)).status).toBe(202);
    const answer = await followed(accepted);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ seconds: 1 });
  });

  test('a job of hours: the limit of a call does not matter', async () => {
    const accepted = await post(delay.callbackUrl, { seconds: 2 });
    await running();
    clock.advance(3 * 3600);
    const answer = await followed(accepted);
    expect(answer.json()).toMatchObject({ seconds: 2 });
  });

  test('a job of more than a day: 504', async () => {
    const accepted = await post(delay.callbackUrl, { seconds: 60 });
    await running();
    clock.advance(24 * 3600);
    expect((await followed(accepted)).status).toBe(504);
    await cancelRunning();
  });

  test('failed and refused: status and problem of the app', async () => {
    const failed = await followed(await post(delay.callbackUrl, { seconds: 0, outcome: 'reject' }));
    expect(failed.status).toBe(422);
    expect(failed.json()).toMatchObject({ detail: 'The request asked to be rejected.' });
    const refused = await followed(await post(delay.callbackUrl, { seconds: -1 }));
    expect(refused.status).toBe(400);
  });

  test('canceled: 410', async () => {
    const accepted = await post(delay.callbackUrl, { seconds: 60 });
    const [answer] = await Promise.all([followed(accepted), cancelRunning()]);
    expect(answer.status).toBe(410);
  });
});

/** The operator's pages: who calls a facade has not the job's URL. */
async function operatorJobs(path: string, method = 'GET') {
  const response = await fetch(`${app().url}/api/operator/jobs${path}`, {
    method,
    headers: { 'x-functions-key': app().host.keys?.master ?? '' },
  });
  return (await response.json()) as { value: { ref: string }[] };
}

/** The one job that runs, once it does. */
function running(): Promise<{ ref: string }> {
  return eventually(async () => (await operatorJobs('?operation=delay&status=Running')).value[0]);
}

async function cancelRunning(): Promise<void> {
  const { ref } = await running();
  await operatorJobs(`/${ref}/cancel`, 'POST');
}

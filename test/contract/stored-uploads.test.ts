/** Uploads beside what is stored: whose they are, what a refused start leaves behind, what a large one is let do. */
import { describe, expect, test } from '@jest/globals';
import { useFunctionApp } from '../support/function-app.ts';
import { ask, newUpload, post, problemOf, putUpload, startedBy, untilEnded, uploaded } from './api.ts';

async function countJobs(app: ReturnType<ReturnType<typeof useFunctionApp>>): Promise<number> {
  let count = 0;
  for await (const _ of app.jobs.listBlobsFlat({ includeUncommitedBlobs: true })) count++;
  return count;
}

describe('of MAX_REQUEST_BYTES', () => {
  const app = useFunctionApp({ settings: { MAX_REQUEST_BYTES: '1000' } });

  test('a JSON request is over it, a stream of bytes never is', async () => {
    const long = `{"seconds":0${' '.repeat(1000)}}`;
    const json = await uploaded(app(), long, 'application/json');
    problemOf(await post(app(), `delay?upload=${json.id}`, undefined), 413, 'request-too-large');
    expect(await countJobs(app())).toBe(0);

    const csv = await uploaded(app(), `a\n${'1\n'.repeat(5000)}`, 'text/csv');
    const job = startedBy(await post(app(), `csv-profile?upload=${csv.id}`, undefined));
    expect(await untilEnded(app(), job)).toMatchObject({ status: 'Succeeded' });
  });
});

describe('of a refused start', () => {
  const app = useFunctionApp();

  test('nothing is left', async () => {
    const { id } = await newUpload(app());
    problemOf(await post(app(), `delay?upload=${id}`, undefined), 404, 'upload-unknown');
    const invalid = await uploaded(app(), '{}', 'application/json');
    problemOf(await post(app(), `delay?upload=${invalid.id}`, undefined), 400, 'request-invalid');
    problemOf(
      await post(app(), `csv-profile?upload=${invalid.id}`, undefined),
      415,
      'content-type-unsupported',
    );
    expect(await countJobs(app())).toBe(0);
  });
});

describe('where keys are enforced', () => {
  const app = useFunctionApp({ auth: true });
  const keyOf = (name: string) => app().host.keys?.functions[name] ?? '';

  test('an upload wants a key, which gets into no answer', async () => {
    expect((await ask(app(), 'POST', '/api/uploads')).status).toBe(401);
    const headers = { 'x-functions-key': keyOf('create-upload') };
    const upload = await newUpload(app(), { headers });
    expect(JSON.stringify(upload)).not.toContain(keyOf('create-upload'));
    expect(await putUpload(upload, 'a\n1\n', 'text/csv')).toBe(201);
    const started = await post(app(), `csv-profile?upload=${upload.id}`, undefined, {
      'x-functions-key': keyOf('start-operation'),
    });
    expect(await untilEnded(app(), startedBy(started))).toMatchObject({ status: 'Succeeded' });
  });
});

describe('under App Service authentication', () => {
  const app = useFunctionApp({ settings: { WEBSITE_AUTH_ENABLED: 'true' } });
  const as = (principal: string) => ({
    'x-ms-client-principal-id': `principal-${principal}`,
    'x-ms-client-principal-idp': 'aad',
  });

  test("an owner's upload is unknown to another", async () => {
    problemOf(await ask(app(), 'POST', '/api/uploads'), 401, 'unauthenticated');
    const upload = await newUpload(app(), { headers: as('ada') });
    expect(await putUpload(upload, 'a\n1\n', 'text/csv')).toBe(201);
    const target = `csv-profile?upload=${upload.id}`;
    problemOf(await post(app(), target, undefined, as('bob')), 404, 'upload-unknown');
    startedBy(await post(app(), target, undefined, as('ada')));
  });
});

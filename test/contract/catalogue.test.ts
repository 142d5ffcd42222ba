/** `GET /api/operations`: what the app offers, open to anybody. */
import { expect, test } from '@jest/globals';
import { type Answer, ask, post, problemOf, startedBy, untilEnded } from './api.ts';
import { pathAt } from './app-under-test.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();
const shown = (answer: Answer) => {
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json');
  return JSON.parse(answer.text);
};

test('lists every operation as it is shown alone', async () => {
  const { value } = shown(await ask(app(), 'GET', '/api/operations'));
  const names = value.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(['csv-profile', 'delay']));
  for (const entry of value) {
    expect(pathAt(app(), entry.location)).toBe(`/api/operations/${entry.name}`);
    expect(shown(await ask(app(), 'GET', entry.location))).toEqual(entry);
  }
});

test('an operation says what it takes, by JSON Schema where that is JSON, and what it replies', async () => {
  expect(shown(await ask(app(), 'GET', '/api/operations/delay'))).toMatchObject({
    summary: expect.stringMatching(/\S/),
    accepts: [
      {
        contentType: 'application/json',
        schema: { type: 'object', required: ['seconds'], properties: { seconds: { type: 'number' } } },
      },
    ],
    replies: ['application/json', 'application/octet-stream'],
  });
  expect(shown(await ask(app(), 'GET', '/api/operations/csv-profile'))).toMatchObject({
    accepts: [{ contentType: 'text/csv' }],
    parameters: { properties: { format: {}, delimiter: {}, nulls: {} } },
    replies: expect.arrayContaining(['application/json']),
  });
});

test('no operation replies what a spreadsheet would run, whatever is asked of it', async () => {
  const { value } = shown(await ask(app(), 'GET', '/api/operations'));
  for (const { replies } of value) expect(replies.join()).not.toMatch(/csv|tab-separated|excel|spreadsheet/i);

  const { parameters, replies } = value.find(({ name }: { name: string }) => name === 'csv-profile');
  const formats: string[] = parameters.properties.format.enum;
  expect(formats).toEqual(expect.arrayContaining(['json', 'html']));
  for (const format of formats) {
    const csv = 'name\n=1+1\n';
    const answer = await post(app(), `csv-profile?format=${format}&reply=stream`, csv, {
      'content-type': 'text/csv',
    });
    const job = startedBy(answer);
    await untilEnded(app(), job);
    const { headers } = await ask(app(), 'GET', job.location);
    expect(replies).toContain(headers.get('content-type')?.split(';')[0]);
    expect(headers.get('content-disposition')).toMatch(/filename="[^"]+\.(json|html)"/);
  }
});

test.each(['unknown', 'constructor'])('404 to operation %s', async (name) => {
  const { detail } = problemOf(await ask(app(), 'GET', `/api/operations/${name}`), 404, 'operation-unknown');
  expect(detail).toContain('there are csv-profile, ');
});

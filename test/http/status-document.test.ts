import { describe, expect, test } from '@jest/globals';
import { linksOf } from '../../src/http/links.ts';
import { operatorDocument, statusDocument } from '../../src/http/status-document.ts';
import type { Job } from '../../src/jobs/job.ts';
import { after, ID, jobOf } from './jobs.ts';
import { ORIGIN, requestOf } from './requests.ts';

const links = linksOf(requestOf('/api/jobs'), {
  publicBaseUrl: undefined,
  hostUrl: undefined,
  trustForwardedHeaders: false,
  routePrefix: 'api',
});
const documentOf = (job: Partial<Job>, dialectQuery = '') =>
  statusDocument(jobOf(job), ID, links, dialectQuery);
const failed: Partial<Job> = {
  state: 'Failed',
  startedAt: after(1),
  updatedAt: after(9),
  problem: { code: 'attempts-exhausted', status: 500, detail: 'No luck.', reason: 'Error: disk full' },
};

test('of a job just accepted', () => {
  expect(documentOf({}, '?pending=404')).toEqual({
    id: ID,
    ref: jobOf().ref,
    operation: 'csv-profile',
    status: 'NotStarted',
    location: `${ORIGIN}/api/jobs/${ID}?pending=404`,
    createdAt: '2026-11-24T04:00:00.000Z',
    updatedAt: '2026-11-24T04:00:00.000Z',
    attempt: 1,
  });
});

test('of a running job says start, progress and message', () => {
  const running = {
    lease: 'live',
    startedAt: after(1),
    updatedAt: after(4),
    percentComplete: 0,
    message: 'half',
  } as const;
  expect(documentOf(running)).toMatchObject({
    status: 'Running',
    startedAt: '2026-11-24T04:00:01.000Z',
    updatedAt: '2026-11-24T04:00:04.000Z',
    percentComplete: 0,
    message: 'half',
  });
});

test('of a succeeded job says where its reply is, when it ended and when it is removed', () => {
  const document = documentOf({ state: 'Succeeded', startedAt: after(1), updatedAt: after(9) });
  expect(document).toMatchObject({
    status: 'Succeeded',
    completedAt: '2026-11-24T04:00:09.000Z',
    expiresAt: '2026-11-24T05:00:09.000Z',
    resourceLocation: `${ORIGIN}/api/jobs/${ID}?reply=stream`,
  });
  expect(document).not.toHaveProperty('error');
});

describe('of a failed job', () => {
  test('says why to its client, without what is for operators', () => {
    const document = documentOf(failed);
    expect(document.error).toEqual({ code: 'attempts-exhausted', message: 'No luck.', status: 500 });
    expect(document).not.toHaveProperty('resourceLocation');
  });

  test('says the reason to operators, by ref and without the id', () => {
    const document = operatorDocument(jobOf(failed), links);
    expect(document.error).toEqual({
      code: 'attempts-exhausted',
      message: 'No luck.',
      status: 500,
      reason: 'Error: disk full',
    });
    expect(document.location).toBe(`${ORIGIN}/api/operator/jobs/${jobOf().ref}`);
    expect(JSON.stringify(document)).not.toContain(ID);
  });
});

test('of a job to be tried again says nothing of the last attempt to its client', () => {
  const problem = failed.problem;
  expect(documentOf({ waiting: true, attempt: 2, notBefore: after(30), problem })).not.toHaveProperty(
    'error',
  );
});

test('of a canceled job says when', () => {
  expect(documentOf({ state: 'Canceled', updatedAt: after(9) })).toMatchObject({
    status: 'Canceled',
    completedAt: '2026-11-24T04:00:09.000Z',
  });
});

test('never ends a job before it began, though storage says whole seconds', () => {
  const { startedAt, completedAt } = documentOf({
    state: 'Succeeded',
    startedAt: after(3.7),
    updatedAt: after(3),
  });
  expect(completedAt).toBe(startedAt);
});

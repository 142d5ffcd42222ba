/** A job's trace is its own: every message about it carries the same, whoever puts it and whatever became of the last one. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { LEASE_SECONDS } from '../../src/jobs/job.ts';
import { senderOf } from '../../src/jobs/send-message.ts';
import { type Arrangement, arrangeJob, newRef } from './support/arranged-job.ts';
import { startInstance } from './support/instance.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { takeMessage } from './support/messages.ts';
import { OPERATION, REQUEST, registryFor, type Work } from './support/work.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

const failing: Work = () => Promise.reject(new Error('not today'));
const start = (work?: Work) => startInstance(storage, { registry: registryFor(work) });

const accepted = () => ({
  operation: OPERATION,
  ref: newRef(),
  query: new URLSearchParams(),
  traceparent: TRACEPARENT,
  contentType: REQUEST.contentType,
  contentLength: REQUEST.content.length,
  body: (async function* () {
    yield REQUEST.content;
  })(),
});

const who: [string, Arrangement, (ref: string) => Promise<unknown>][] = [
  [
    'an attempt that failed',
    {},
    (ref) => start(failing).run((app) => app.deliver({ job: ref, attempt: 1 }, 1)),
  ],
  [
    'a delivery that came too early',
    { lease: 'live' },
    (ref) => start().run((app) => app.deliver({ job: ref, attempt: 1 }, 1)),
  ],
  ['a poll that finds a lost attempt', { lease: 'expired' }, (ref) => start().run((app) => app.read(ref))],
  ['a poison queue', {}, (ref) => start().run((app) => app.revive({ job: ref, attempt: 1 }))],
  [
    "an operator's retry",
    { state: 'Failed', problem: { code: 'x', status: 500, detail: 'x' } },
    (ref) => start().run((app) => app.retry(ref)),
  ],
];

test.each(who)('%s carries it on', async (_, arrangement, act) => {
  const { ref } = await arrangeJob(storage, { ...arrangement, traceparent: TRACEPARENT });
  await act(ref);
  await storage.advance(LEASE_SECONDS + 1);
  expect(await takeMessage(storage)).toMatchObject({ job: ref, traceparent: TRACEPARENT });
});

test('the request that starts it says which', async () => {
  const request = accepted();
  await start().run((app) => app.accept(request));
  expect(await takeMessage(storage)).toMatchObject({ job: request.ref, traceparent: TRACEPARENT });
  expect(await storage.store.look(request.ref)).toMatchObject({ traceparent: TRACEPARENT });
});

test('where its blob does not say it, as those of earlier versions, the message at hand does', async () => {
  const trace = { traceparent: TRACEPARENT, tracestate: 'vendor=1' };
  const job = await arrangeJob(storage);
  await senderOf(storage.queue, registryFor(), trace)(job, 1, 0);
  expect(await takeMessage(storage)).toEqual({ job: job.ref, attempt: 1, ...trace });
});

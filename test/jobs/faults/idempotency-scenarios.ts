/** Faults while a job is started under an `Idempotency-Key`, each followed by what such a client does: the same start again. */
import type { Job } from '../../../src/jobs/job.ts';
import { newRef } from '../support/arranged-job.ts';
import type { Outcome } from '../support/instance.ts';
import { startInstance } from '../support/instance.ts';
import type { JobStorage } from '../support/job-storage.ts';
import { type Content, REQUEST, registryFor } from '../support/work.ts';
import { accept, TWO_BLOCKS } from './accept-scenarios.ts';
import { client } from './hearing.ts';
import type { Act, Scenario } from './scenario.ts';

const SECRET = Buffer.from('the secret of these tests');
const OTHER: Content = { ...REQUEST, content: Buffer.from('another request') };

const start = (by: Pick<Act, 'subject' | 'ref'>, request: Content) =>
  accept(by, request, { fingerprintSecret: SECRET });

/** The start under test, and once more by an instance that meets no fault. */
const thenAgain = (request: Content) => async (act: Act) => {
  const first = await start(act, request);
  const again = await start({ subject: act.healthy(), ref: act.ref }, request);
  return { is: 'answered', value: [first, again] } as const;
};

function hearsBoth(outcome: Outcome<unknown>): string {
  if (outcome.is !== 'answered') throw new Error('the second start is always answered');
  return (outcome.value as Outcome<unknown>[]).map(client('202')).join(', then ');
}

const oneJob = (heard: string, end: Job | undefined) =>
  heard.endsWith('then 202') && end?.state === 'Succeeded';

/** A job that the same key has started; with or without the message that its start puts last. */
const started = (request: Content, hasMessage: boolean) => async (storage: JobStorage) => {
  const ref = newRef();
  const healthy = startInstance(storage, { registry: registryFor() });
  await start({ subject: healthy, ref }, request);
  if (!hasMessage) await storage.requests.clearMessages();
  return ref;
};

export const idempotencyScenarios: readonly Scenario[] = [
  {
    title: 'Accept under a key, then again',
    story: 'A request that fits one call is started twice under one key; the fault meets the first start.',
    arrange: async () => newRef(),
    act: thenAgain(REQUEST),
    hears: hearsBoth,
    agrees: oneJob,
  },
  {
    title: 'Accept under a key, streamed, then again',
    story: 'A request of two blocks is started twice under one key; the fault meets the first start.',
    request: TWO_BLOCKS,
    arrange: async () => newRef(),
    act: thenAgain(TWO_BLOCKS),
    hears: hearsBoth,
    agrees: oneJob,
  },
  {
    title: 'Accept under a known key',
    story: 'The first start of the key died before its message was put; the fault meets the second.',
    arrange: started(REQUEST, false),
    act: (act) => start(act, REQUEST),
    hears: client('202'),
    agrees: (_, end) => end?.state === 'Succeeded',
    strands: true,
  },
  {
    title: 'Accept under a known key, another request',
    story: 'The key has started a job; another request is refused and changes nothing.',
    arrange: started(REQUEST, true),
    act: (act) => start(act, OTHER),
    hears: client('202'),
    agrees: (heard, end) => heard !== '202' && end?.state === 'Succeeded',
  },
];

/** Faults while the handler of the poison queue decides. */
import type { Job } from '../../../src/jobs/job.ts';
import { arrangedWithMessage } from './arranged-with-message.ts';
import { deliverOnce, host } from './hearing.ts';
import type { Scenario } from './scenario.ts';

const delivery = { act: deliverOnce, hears: host };
const endsAs = (state: Job['state']) => (_: string, end: Job | undefined) => end?.state === state;

export const poisonScenarios: readonly Scenario[] = [
  {
    ...delivery,
    title: 'Poison, of the same attempt',
    story: 'The message of attempt 1 has failed five times; the job has not been tried since.',
    arrange: arrangedWithMessage('poison', {}),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Poison, of an earlier attempt',
    story: 'The job waits for attempt 2 already; the message still says 1.',
    arrange: arrangedWithMessage('poison', { attempt: 2, waiting: true }, 1),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Poison, leased',
    story: 'An attempt holds the lease; it dies.',
    arrange: arrangedWithMessage('poison', { lease: 'live' }),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Poison, attempts exhausted',
    story: 'The message of attempt 5 of 5 has failed five times.',
    arrange: arrangedWithMessage('poison', { attempt: 5 }),
    agrees: endsAs('Failed'),
  },
  {
    ...delivery,
    title: 'Poison, of a job whose cancel has died',
    story: 'The handler finds the lease broken.',
    arrange: arrangedWithMessage('poison', { lease: 'broken' }),
    agrees: endsAs('Canceled'),
  },
];

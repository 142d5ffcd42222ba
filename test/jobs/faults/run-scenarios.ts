/** Faults while a message is delivered and an attempt runs. */
import type { Job } from '../../../src/jobs/job.ts';
import { OperationError } from '../../../src/operations/operation.ts';
import type { Arrangement } from '../support/arranged-job.ts';
import { longReplyOf, longWork } from '../support/long-work.ts';
import { work } from '../support/work.ts';
import { arrangedWithMessage } from './arranged-with-message.ts';
import { deliverOnce, host } from './hearing.ts';
import type { Scenario, ScenarioWork } from './scenario.ts';

const longWorkWithProgress: ScenarioWork = async (context, instance) => {
  await instance.after('claim');
  const written = instance.after('progress');
  context.progress(50, 'half');
  await written;
  return await longWork(context);
};

const workAfterHeartbeat: ScenarioWork = async (context, instance) => {
  if (context.attempt === 1) await instance.after('heartbeat');
  return await work(context);
};

/** Fails until attempt 3. */
const failingWork: ScenarioWork = async (context) => {
  if (context.attempt < 3) throw new Error('not yet');
  return await work(context);
};

const rejectingWork: ScenarioWork = () => {
  throw new OperationError('never');
};

const brokenWork: ScenarioWork = () => {
  throw new Error('never');
};

const endsAs = (state: Job['state'], status?: number) => (_: string, end: Job | undefined) =>
  end?.state === state && (status === undefined || end.problem?.status === status);

const delivery = { act: deliverOnce, hears: host };
const withMessage = (arrangement: Arrangement = {}) => arrangedWithMessage('requests', arrangement);
const CLAIMS_AT_ONCE: Arrangement = { attempt: 2, waiting: true };

export const runScenarios: readonly Scenario[] = [
  {
    ...delivery,
    title: 'Run, short',
    story: 'The first attempt succeeds before it would have claimed.',
    arrange: withMessage(),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Run, long',
    story: 'The first attempt claims, shows progress and publishes a reply of two blocks.',
    work: longWorkWithProgress,
    replyOf: longReplyOf,
    pace: { claimAfterMs: 0 },
    arrange: withMessage(),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Run, heartbeat',
    story: 'The first attempt claims and lasts until its first heartbeat.',
    work: workAfterHeartbeat,
    pace: { claimAfterMs: 0, heartbeatMs: 40 },
    arrange: withMessage(),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Run, later attempt',
    story: 'Attempt 2 claims at once, marks and succeeds.',
    arrange: withMessage(CLAIMS_AT_ONCE),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Try again, unclaimed',
    story: 'The first attempt fails before it would have claimed; attempts from the third on succeed.',
    work: failingWork,
    arrange: withMessage(),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Try again, claimed',
    story: 'Attempt 2 fails; attempts from the third on succeed.',
    work: failingWork,
    arrange: withMessage(CLAIMS_AT_ONCE),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Fail, unclaimed',
    story: 'The first attempt throws an `OperationError` before it would have claimed.',
    work: rejectingWork,
    arrange: withMessage(),
    agrees: endsAs('Failed', 422),
  },
  {
    ...delivery,
    title: 'Fail, claimed',
    story: 'Attempt 2 throws an `OperationError`.',
    work: rejectingWork,
    arrange: withMessage(CLAIMS_AT_ONCE),
    agrees: endsAs('Failed', 422),
  },
  {
    ...delivery,
    title: 'Fail, last attempt',
    story: 'Attempt 5 of 5 fails like those before it.',
    work: brokenWork,
    arrange: withMessage({ attempt: 5, waiting: true }),
    agrees: endsAs('Failed', 500),
  },
  {
    ...delivery,
    title: 'Fail, attempts exhausted',
    story: 'A delivery finds the lease of attempt 5 of 5 expired.',
    arrange: withMessage({ attempt: 5, lease: 'expired' }),
    agrees: endsAs('Failed', 500),
  },
  {
    ...delivery,
    title: 'Delivery of a leased job',
    story: 'A second message of a running job is delivered; the attempt that holds the lease has died.',
    arrange: withMessage({ lease: 'live' }),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Delivery before its time',
    story: 'The next attempt is put off by two minutes.',
    arrange: (storage) =>
      withMessage({ ...CLAIMS_AT_ONCE, notBefore: new Date(storage.now().getTime() + 120_000) })(storage),
    agrees: endsAs('Succeeded'),
  },
  {
    ...delivery,
    title: 'Delivery of a job whose cancel has died',
    story: 'A delivery finds the lease broken.',
    arrange: withMessage({ lease: 'broken' }),
    agrees: endsAs('Canceled'),
  },
];

/** Faults while a job runs in the instance that accepted it, since its caller waits for it. */
import { newRef } from '../support/arranged-job.ts';
import { REQUEST, work } from '../support/work.ts';
import { requestOf, wholeOrNothing } from './accept-scenarios.ts';
import { client } from './hearing.ts';
import type { Act, Scenario, ScenarioWork } from './scenario.ts';

/** A start whose caller waits until its job's attempt is over. */
async function startAndWait({ subject, ref }: Act) {
  const outcome = await subject.run((app) => app.acceptAndRun(requestOf(ref, REQUEST)));
  // The message is deleted while the caller hears of the end.
  await subject.idle();
  return outcome;
}

const workUntilHeld: ScenarioWork = async (context, instance) => {
  // A delivery takes its job, and its message is the host's to hide.
  const isDelivered = instance.calls.some(({ step }) => step === 'take');
  if (!isDelivered) await instance.after('hide longer');
  return await work(context);
};

/** Fails in its first attempt. */
const failingWork: ScenarioWork = async (context) => {
  if (context.attempt === 1) throw new Error('not yet');
  return await work(context);
};

const waiting = {
  arrange: async () => newRef(),
  act: startAndWait,
  hears: client('202'),
  agrees: wholeOrNothing,
  strands: true,
} satisfies Partial<Scenario>;

export const fastPathScenarios: readonly Scenario[] = [
  {
    ...waiting,
    title: 'Start that waits, fast path',
    story: 'The job runs at once in the instance that accepts it, and its hidden message is deleted.',
  },
  {
    ...waiting,
    title: 'Start that waits, fast path, long',
    story: 'The attempt claims and lasts until its message has been hidden anew.',
    work: workUntilHeld,
    pace: { claimAfterMs: 0 },
    hiding: { renewAfterMs: 10 },
  },
  {
    ...waiting,
    title: 'Start that waits, fast path, try again',
    story: 'The first attempt fails; the next one goes by the queue.',
    work: failingWork,
  },
];

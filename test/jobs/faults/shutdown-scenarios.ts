/** Faults while an instance that shuts down hands back what it runs. */
import { once } from 'node:events';
import { work } from '../support/work.ts';
import { arrangedWithMessage } from './arranged-with-message.ts';
import { delivered, host } from './hearing.ts';
import type { Act, Scenario, ScenarioWork } from './scenario.ts';

/** The first attempt lasts until it is told to stop. */
const workUntilShutdown: ScenarioWork = async (context) => {
  if (context.attempt > 1) return await work(context);
  if (!context.signal.aborted) await once(context.signal, 'abort');
  throw context.signal.reason;
};

/** Shuts the instance down once it has made that call. */
const shutDownAfter = (step: string) => async (act: Act) => {
  const { subject } = act;
  const delivery = delivered(act.host, subject);
  await Promise.race([subject.after(step), delivery]);
  await subject.run((app) => app.shutDown());
  return await delivery;
};

const handBack = {
  work: workUntilShutdown,
  hears: host,
  agrees: (_, end) => end?.state === 'Succeeded',
} satisfies Partial<Scenario>;

export const shutdownScenarios: readonly Scenario[] = [
  {
    ...handBack,
    title: 'Shutdown, unclaimed',
    story: 'The instance shuts down before its attempt would have claimed.',
    arrange: arrangedWithMessage('requests', {}),
    act: shutDownAfter('take'),
  },
  {
    ...handBack,
    title: 'Shutdown, claimed',
    story: 'The instance shuts down while its attempt holds the lease.',
    pace: { claimAfterMs: 0 },
    arrange: arrangedWithMessage('requests', {}),
    act: shutDownAfter('claim'),
  },
];

/** Plays one scenario with one fault, then the queue as the host would until the job has ended, and checks every rule. */
import type { Job } from '../../../src/jobs/job.ts';
import { secondsUntilDue } from '../../../src/jobs/send-message.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import type { JobStorage } from '../support/job-storage.ts';
import { watchJob } from '../support/job-watch.ts';
import type { Around } from '../support/port-call.ts';
import { queueHost } from '../support/queue-host.ts';
import { REQUEST, registryFor, replyOf, work } from '../support/work.ts';
import { type Fault, faultAt, type Point, pointsOf } from './fault.ts';
import type { Scenario, ScenarioWork } from './scenario.ts';

/** More than any single fault needs: each costs a redelivery or two. */
const MOST_DELIVERIES = 12;
/** Of polls that find the job without a message, one recovers it. */
const MOST_POLLS = 1;
/** A job without a lease is recovered after so long, doubled each time. */
const QUIET_SECONDS = 30;

export interface Played {
  /** The calls of the instance under test. */
  readonly points: readonly Point[];
  /** What its caller heard. */
  readonly heard: string;
  /** What became of the job. */
  readonly end: string;
}

/** @throws {Error} naming every rule that did not hold. */
export async function playScenario(
  storage: JobStorage,
  scenario: Scenario,
  at?: { point: Point; fault: Fault },
): Promise<Played> {
  await Promise.all([storage.requests.clearMessages(), storage.poison.clearMessages()]);
  const ref = await scenario.arrange(storage);
  const request = scenario.request ?? REQUEST;
  const watch = watchJob(storage, {
    ref,
    request,
    replyOf: scenario.replyOf ?? ((attempt) => replyOf(attempt, request)),
    reopens: scenario.reopens ?? false,
  });
  const broken: string[] = [];
  const host = queueHost(storage, async () => {
    const job = await storage.store.look(ref);
    if (job?.state === 'Pending' && (await storage.countMessages()) < 2) {
      broken.push('a delivery of the unfinished job returned and left no message');
    }
  });

  function start(scenarioWork: ScenarioWork, pace: Scenario['pace'], fault?: Around): Instance {
    const around: Around = fault === undefined ? (_, run) => run() : fault;
    const instance: Instance = startInstance(storage, {
      registry: registryFor((context) => scenarioWork(context, instance, storage), {
        retry: { maxAttempts: 5 },
      }),
      pace: pace ?? {},
      hiding: scenario.hiding,
      around: watch.after(around),
    });
    return instance;
  }
  const attemptWork = scenario.work ?? work;
  const healthy = (ownWork = attemptWork, pace = scenario.pace) => start(ownWork, pace);
  const subject: Instance = start(
    attemptWork,
    scenario.pace,
    at && faultAt(at.point, at.fault, () => subject),
  );

  await watch.observe();
  const heard = scenario.hears(await scenario.act({ storage, host, ref, subject, healthy }));
  await watch.observe();
  await host.playOn(healthy, MOST_DELIVERIES);

  let job = await watch.finalJob();
  const isStranded = job?.state === 'Pending';
  if (isStranded && !scenario.strands) broken.push('the job is pending and no message is left');
  for (let polls = 0; job?.state === 'Pending' && polls < MOST_POLLS; polls++) {
    await storage.advance(secondsUntilDue(job) + QUIET_SECONDS * 2 ** job.recovered + 1);
    await healthy().run((app) => app.read(ref));
    await host.playOn(healthy, MOST_DELIVERIES);
    job = await watch.finalJob();
  }
  if (!scenario.agrees(heard, job)) broken.push(`the caller heard "${heard}" of a job that is ${ended(job)}`);
  const rules = [...watch.violations, ...broken];
  if (rules.length > 0) {
    const where = at ? `${at.point.step} ${at.point.occurrence}, ${at.fault}` : 'no fault';
    throw new Error(
      `${scenario.title}, ${where}: ${rules.join('; ')}\n${subject.calls.map(({ step }) => step)}\n${subject.log.join('\n')}`,
    );
  }
  return { points: pointsOf(subject.calls), heard, end: `${isStranded ? 'poll, ' : ''}${ended(job)}` };
}

function ended(job: Job | undefined): string {
  if (job === undefined) return 'no job';
  if (job.state === 'Succeeded') return `Succeeded ${job.attempt}`;
  return job.problem === undefined || job.state !== 'Failed'
    ? job.state
    : `${job.state} ${job.problem.status}`;
}

/**
 * Every fault at every call, to storage or to the workflow engine, of what a workflow's job goes through: handed over,
 * published, settled, canceled, asked for. After each the job ends as it should, no rule is broken, no file is left.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Job } from '../../src/jobs/job.ts';
import { registryOf } from '../../src/jobs/registry.ts';
import { OperationError, type Reply, stream } from '../../src/operations/operation.ts';
import { workflow } from '../../src/operations/workflow.ts';
import { type Fault, faultAt, faults, type Point, pointsOf } from './faults/fault.ts';
import { arrangeJob } from './support/arranged-job.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { watchJob } from './support/job-watch.ts';
import { longReplyOf } from './support/long-work.ts';
import { type PlayedEngine, playedEngine } from './support/played-engine.ts';
import type { Around } from './support/port-call.ts';
import { queueHost } from './support/queue-host.ts';
import { type Content, OPERATION, REQUEST } from './support/work.ts';

/** More than any single fault needs. */
const MOST_MOVES = 60;

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());

interface Scenario {
  readonly title: string;
  /** What the faulty instance does, once it is due. */
  readonly subjectDoes: 'deliver' | 'reply' | 'settle' | 'cancel' | 'ask';
  /** Whether the attempt succeeds; else what its first activity throws. */
  readonly fails?: (attempt: number) => Error | undefined;
  readonly isLong?: boolean;
  /** What becomes of the orchestration before the subject asks. */
  readonly engine?: 'unknown' | 'failed';
  readonly endsAs: (job: Job | undefined) => boolean;
}

const succeeds = (job: Job | undefined) => job?.state === 'Succeeded';
const scenarios: readonly Scenario[] = [
  { title: 'Hand over', subjectDoes: 'deliver', endsAs: succeeds },
  { title: 'Publish, short', subjectDoes: 'reply', endsAs: succeeds },
  { title: 'Publish, long', subjectDoes: 'reply', isLong: true, endsAs: succeeds },
  {
    title: 'Fail',
    subjectDoes: 'settle',
    fails: () => new OperationError('never'),
    endsAs: (job) => job?.state === 'Failed' && job.problem?.status === 422 && job.attempt === 1,
  },
  {
    title: 'Try again',
    subjectDoes: 'settle',
    fails: (attempt) => (attempt === 1 ? new Error('not yet') : undefined),
    endsAs: (job) => succeeds(job) && job?.attempt === 2,
  },
  { title: 'Cancel', subjectDoes: 'cancel', endsAs: (job) => job?.state === 'Canceled' },
  { title: 'Ask: unknown', subjectDoes: 'ask', engine: 'unknown', endsAs: succeeds },
  {
    title: 'Ask: failed without a word',
    subjectDoes: 'ask',
    engine: 'failed',
    endsAs: (job) => succeeds(job) && job?.attempt === 2,
  },
];

function replyOf(attempt: number, isLong = false): Content {
  if (isLong) return longReplyOf(attempt);
  return { contentType: 'application/json', content: Buffer.from(JSON.stringify({ attempt })) };
}

function registryFor({ fails, isLong }: Scenario) {
  const played = workflow({
    name: OPERATION,
    summary: 'Plays a scenario.',
    accepts: { 'text/plain': stream },
    activities: {
      work: async (_: unknown, { attempt, files }) => {
        await files.write('file', Buffer.from('something'));
        const error = fails?.(attempt);
        if (error) throw error;
      },
    },
    *orchestrate() {},
    reply: (_, { attempt }): Reply => {
      const { contentType, content } = replyOf(attempt, isLong);
      const chunks = (async function* () {
        yield content;
      })();
      return isLong ? { contentType, stream: chunks } : { json: { attempt } };
    },
  });
  return registryOf([played], undefined);
}

/** Plays a scenario to its end. @returns the calls of the instance that met the fault. */
async function play(scenario: Scenario, at?: { point: Point; fault: Fault }): Promise<readonly Point[]> {
  await Promise.all([storage.requests.clearMessages(), storage.poison.clearMessages()]);
  const { ref } = await arrangeJob(storage, { limit: 5 });
  await storage.queue.put(undefined, { job: ref, attempt: 1 }, 0);
  const engine: PlayedEngine = playedEngine();
  const registry = registryFor(scenario);
  const watch = watchJob(storage, {
    ref,
    request: REQUEST,
    replyOf: (attempt) => replyOf(attempt, scenario.isLong),
    reopens: false,
  });
  const start = (fault: Around = (_, run) => run()): Instance =>
    startInstance(storage, { registry, engine, around: watch.after(fault) });
  const subject: Instance = start(at && faultAt(at.point, at.fault, () => subject));
  let isSubjectDue = true;
  const actor = (does: Scenario['subjectDoes']) => {
    if (!isSubjectDue || does !== scenario.subjectDoes) return start();
    isSubjectDue = false;
    return subject;
  };
  const host = queueHost(storage);

  async function ask(): Promise<void> {
    if (scenario.engine) engine.interfere(ref, scenario.engine);
    await storage.queue.put(undefined, { job: ref, attempt: 1 }, 0);
    await host.deliverNext(actor('ask'));
  }

  /** One move of the world. False where nothing is left to move. */
  async function move(): Promise<boolean> {
    if (engine.next === 'work' && isSubjectDue && scenario.subjectDoes === 'cancel') {
      // Without an answer its client cancels again.
      const heard = await actor('cancel').run((app) => app.cancel(ref));
      if (heard.is !== 'answered') await start().run((app) => app.cancel(ref));
      return true;
    }
    if (engine.next === 'work' && isSubjectDue && scenario.subjectDoes === 'ask') {
      await ask();
      return true;
    }
    if (engine.next !== undefined) {
      // What a dead publisher has claimed is free again when its lease has run out.
      if ((await storage.store.look(ref))?.lease === 'live') await storage.advance(31);
      await engine.step(engine.next === 'work' ? start() : actor(engine.next));
      return true;
    }
    if ((await storage.countMessages()) > 0) {
      const delivery = await host.deliverNext(actor('deliver'));
      if (delivery === undefined) await storage.advance(31);
      return true;
    }
    const job = await storage.store.look(ref);
    if (job?.state !== 'Pending') return false;
    // Nobody has it any more: what a poll some minutes later does.
    await storage.advance(300);
    await start().run((app) => app.read(ref));
    return true;
  }

  for (let moves = 0; await move(); moves++) {
    if (moves === MOST_MOVES) throw new Error('the job does not end');
  }
  const job = await watch.finalJob();
  expect(watch.violations).toEqual([]);
  if (!scenario.endsAs(job)) {
    throw new Error(`the job ended ${job?.state} ${job?.attempt}\n${subject.log.join('\n')}`);
  }
  if (scenario.subjectDoes === 'cancel') await start().run((app) => app.sweepWorkflows());
  expect(await filesOf(ref)).toEqual([]);
  return pointsOf(subject.calls);
}

async function filesOf(ref: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.scratchContainer.listBlobsFlat({ prefix: ref })) names.push(name);
  return names;
}

describe('every rule holds after every fault', () => {
  test.each(scenarios.map((scenario) => ({ title: scenario.title, scenario })))(
    '$title',
    async ({ scenario }) => {
      const points = await play(scenario);
      expect(points.length).toBeGreaterThan(1);
      for (const point of points) {
        for (const fault of faults) {
          await play(scenario, { point, fault }).catch((error: Error) => {
            error.message = `${point.step} ${point.occurrence}, ${fault}: ${error.message}`;
            throw error;
          });
        }
      }
    },
    120_000,
  );
});

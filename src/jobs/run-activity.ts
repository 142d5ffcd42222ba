/**
 * One execution of an activity: look whether the job is still this run's, show the progress that the orchestration has
 * made, run the activity, and where it is the last one, publish its reply under the guards of every attempt.
 *
 *   look ──current──▶ run ──output──▶ done
 *    │                 ├──OperationError──▶ rejected
 *    │                 ├──any other error──▶ throw: the engine repeats the activity
 *    └──over───────────┴──the job is no longer this run's──▶ over
 */
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { type Log, logs } from '../logs.ts';
import type { Reply } from '../operations/operation.ts';
import {
  type Activity,
  type ActivityContext,
  isWorkflow,
  REPLY,
  type WorkflowOperation,
} from '../operations/workflow.ts';
import { type AttemptWatch, WorkflowTimedOut, watchAttempt } from './attempt-watch.ts';
import { ConditionLost, Refusal } from './errors.ts';
import { fieldsOf, type Job } from './job.ts';
import { openRequest } from './open-request.ts';
import { AttemptOver } from './ownership.ts';
import type { JobStore, Registry, StorageClock, UploadStore } from './ports.ts';
import { publishWorkflow } from './publish-workflow.ts';
import { parseParams } from './request-params.ts';
import type { Pace } from './run-attempt.ts';
import { scratchFiles } from './scratch-files.ts';
import type { Sender } from './send-message.ts';
import { unmendableOf } from './settle-attempt.ts';
import { unlessAborted } from './unless-aborted.ts';
import { isCurrent } from './workflow-job.ts';
import type { ActivityOrder, ActivityOutcome, ScratchStore } from './workflow-ports.ts';

type HandedJob = Job & { readonly handedAt: Date };

export interface RunActivityDependencies {
  readonly store: JobStore;
  readonly uploads: Pick<UploadStore, 'open'>;
  readonly scratch: ScratchStore;
  readonly registry: Registry;
  readonly clock: StorageClock;
  readonly pace: Pace;
}

export type RunActivity = (order: ActivityOrder, send: Sender, log: Log) => Promise<ActivityOutcome>;

/** Throws what the engine is to repeat: what the activity threw, StorageUnavailable. */
export function runActivity(dependencies: RunActivityDependencies): RunActivity {
  const { store, uploads, scratch, registry, clock, pace } = dependencies;

  return async function run(order, send, log) {
    const { ref, operation, attempt } = order.run;
    const facts = { ref, operation, attempt, activity: order.activity };
    const [workflow, activity] = activityOf(registry, order);
    const job = await free(await store.look(ref), order);
    if (job === undefined) return await over();
    const params = await parseParams(workflow, job.params);
    const progressed = order.activity === REPLY ? job : await showProgress(job, order.progress);

    const watch = watchAttempt(store, order.run, progressed, {
      heartbeatMs: pace.heartbeatMs,
      activitySeconds: activity.timeoutSeconds,
      workflowSeconds: workflow.timeoutSeconds,
    });
    const files = scratchFiles(scratch, ref, attempt);
    const context: ActivityContext = {
      request: async () => {
        const taken = await store.take(ref);
        if (taken === undefined || !isCurrent(taken.job, order.run)) {
          taken?.content.destroy();
          throw new AttemptOver('canceled, deleted or handed over again');
        }
        const request = await openRequest({ store, uploads }, workflow, taken, watch.signal);
        if (request.body instanceof Readable) {
          // Nothing mends a request that is gone, whatever the activity makes of the broken stream.
          request.body.once('error', (error) => error instanceof Refusal && watch.abort(error));
        }
        return request;
      },
      params,
      ref,
      attempt,
      signal: watch.signal,
      files,
      log: (message) => logs.attemptSaid(log, facts, message),
    };
    logs.activityStarted(log, facts);
    try {
      if (order.activity === REPLY) return await reply(activity, context, progressed, watch);
      const output = await unlessAborted(execute(activity, context), watch.signal);
      return { is: 'done', output: output ?? null, hasFiles: files.hasWritten };
    } catch (error) {
      if (error instanceof AttemptOver) return await over();
      if (error instanceof WorkflowTimedOut) return { is: 'timed-out' };
      const problem = unmendableOf(error);
      if (problem !== undefined) return { is: 'rejected', ...problem };
      logs.activityFailed(log, facts, error);
      throw error;
    } finally {
      watch.stop();
      if (files.hasWritten && order.activity !== REPLY) await tidyUnlessCurrent();
    }

    async function execute(known: Activity, given: ActivityContext): Promise<unknown> {
      return known.run(order.input, given);
    }

    async function reply(
      known: Activity,
      given: ActivityContext,
      handed: HandedJob,
      watching: AttemptWatch,
    ): Promise<ActivityOutcome> {
      await publishWorkflow(
        { store, clock, pace, send, log },
        handed,
        attempt,
        () => execute(known, given) as Promise<Reply>,
        watching,
      );
      if (order.hasFiles || files.hasWritten) await scratch.remove(ref, attempt);
      return { is: 'done', output: null, hasFiles: false };
    }

    /** The job may be over, or another execution of this activity publishes: that one may die, so the engine asks again. */
    async function over(): Promise<ActivityOutcome> {
      if (isCurrent(await store.look(ref), order.run)) {
        throw new Error('another execution of this activity has the job');
      }
      logs.attemptLost(log, { ref, operation, attempt, finds: 'canceled, deleted or handed over again' });
      await scratch.remove(ref, attempt);
      return { is: 'over' };
    }

    /** Nobody else would remove what was written after a cancel. */
    async function tidyUnlessCurrent(): Promise<void> {
      if (!isCurrent(await store.look(ref), order.run)) await scratch.remove(ref, attempt);
    }
  };

  /** The job, once no other execution of the last activity publishes it; undefined where it is over. */
  async function free(
    seen: Job | undefined,
    { run, activity }: ActivityOrder,
  ): Promise<HandedJob | undefined> {
    let job = seen;
    while (activity === REPLY && job?.lease === 'live' && isCurrent(job, run)) {
      await wait(pace.heartbeatMs);
      job = await store.look(run.ref);
    }
    return isCurrent(job, run) ? job : undefined;
  }

  /** Set Blob Metadata, where it is news and the last write is long enough ago. Whoever else wrote meanwhile may. */
  async function showProgress(job: HandedJob, progress: ActivityOrder['progress']): Promise<HandedJob> {
    if (progress === undefined || job.lease === 'live') return job;
    const { percentComplete, message } = progress;
    const isNews = percentComplete !== job.percentComplete || message !== job.message;
    if (!isNews || job.observedAt.getTime() - job.updatedAt.getTime() < pace.progressMs) return job;
    try {
      await store.write(job.ref, { ...fieldsOf(job), percentComplete, message }, { etag: job.etag });
    } catch (error) {
      if (!(error instanceof ConditionLost)) throw error;
    }
    return job;
  }
}

function activityOf(registry: Registry, { run, activity }: ActivityOrder): [WorkflowOperation, Activity] {
  const workflow = registry.get(run.operation);
  const known = workflow && isWorkflow(workflow) ? workflow.activities.get(activity) : undefined;
  if (known === undefined) {
    throw new Error(`this version of the app has no activity '${activity}' of '${run.operation}'`);
  }
  return [workflow as WorkflowOperation, known];
}

/**
 * Hands an attempt of a workflow to the engine, and asks the engine for it later. The mark goes before the start, so that
 * of several deliveries one starts it; a start that was never made is made up for by whoever asks.
 *
 *   taken ──mark──▶ handed ──start──▶ the engine's
 *                      └──ask: unknown──▶ start again; ended without a word──▶ settled
 */
import { randomUUID } from 'node:crypto';
import { type Log, logs } from '../logs.ts';
import { isWorkflow } from '../operations/workflow.ts';
import { decideByEngine } from './engine-decision.ts';
import { ConditionLost } from './errors.ts';
import { fieldsOf, type Job, withoutProgress } from './job.ts';
import type { JobStore, Registry, StorageClock } from './ports.ts';
import { parseParams } from './request-params.ts';
import type { Sender } from './send-message.ts';
import { unmendableOf } from './settle-attempt.ts';
import type { SettleWorkflow } from './settle-workflow.ts';
import type { RunKey, WorkflowEngine, WorkflowFailure, WorkflowInstance } from './workflow-ports.ts';

/** An instance that was told to end has done so after that time, or is looked for again. */
const MAKE_ROOM_SECONDS = 2;

export interface HandOverDependencies {
  readonly store: Pick<JobStore, 'write'>;
  readonly engine: Pick<WorkflowEngine, 'start' | 'look' | 'terminate'>;
  readonly registry: Registry;
  readonly clock: StorageClock;
  readonly settle: SettleWorkflow;
}

export interface HandOver {
  /** Whether the job's operation is a workflow. */
  handles(job: Job): boolean;
  /** Hands the attempt over. False where the job has to be looked at again. */
  begin(job: Job, attempt: number, send: Sender, log: Log): Promise<boolean>;
  /** Asks the engine for a job that it was handed, and does what its answer wants. */
  ask(job: Job & { readonly handedAt: Date }, send: Sender, log: Log): Promise<void>;
}

/** Its functions throw EngineUnavailable and StorageUnavailable; the queue then delivers the message again. */
export function handOver({ store, engine, registry, clock, settle }: HandOverDependencies): HandOver {
  const operationOf = ({ operation }: Job) => {
    const known = registry.get(operation);
    return known !== undefined && isWorkflow(known) ? known : undefined;
  };

  async function start(job: Job & { readonly handedAt: Date }, send: Sender, log: Log): Promise<void> {
    const operation = operationOf(job);
    const run = runOf(job);
    if (operation === undefined) {
      const reason = `this version of the app offers no workflow '${job.operation}'`;
      return await settle(run, { is: 'failed', reason }, send, log);
    }
    let params: unknown;
    try {
      params = await parseParams(operation, job.params);
    } catch (error) {
      // They were valid at acceptance; a later version of the workflow no longer takes them.
      const problem = unmendableOf(error);
      if (problem === undefined) throw error;
      return await settle(run, { is: 'rejected', ...problem }, send, log);
    }
    if ((await engine.start({ ...run, params })) === 'started') return;
    const instance = await engine.look(job.ref);
    if (instance?.handedAt !== run.handedAt) await makeRoom(job, send);
  }

  async function makeRoom(job: Job, send: Sender): Promise<void> {
    await engine.terminate(job.ref);
    await send(job, job.attempt, MAKE_ROOM_SECONDS);
  }

  return {
    handles: (job) => operationOf(job) !== undefined,
    async begin(job, attempt, send, log) {
      const handedAt = clock.now();
      const fields = {
        ...withoutProgress(fieldsOf(job)),
        attempt,
        handedAt,
        token: randomUUID(),
        startedAt: job.startedAt ?? handedAt,
      };
      try {
        await store.write(job.ref, fields, { etag: job.etag });
      } catch (error) {
        if (error instanceof ConditionLost) return false;
        throw error;
      }
      await start({ ...job, ...fields }, send, log);
      return true;
    },
    async ask(job, send, log) {
      const instance = await engine.look(job.ref);
      const timeoutSeconds = operationOf(job)?.timeoutSeconds ?? 0;
      const action = decideByEngine({ job, instance, timeoutSeconds });
      logs.engineAsked(log, {
        ref: job.ref,
        operation: job.operation,
        attempt: job.attempt,
        says: instance?.state ?? 'unknown',
        act: action,
      });
      switch (action) {
        case 'nothing':
          return;
        case 'start':
          return await start(job, send, log);
        case 'make-room':
          return await makeRoom(job, send);
        case 'time-out':
          await engine.terminate(job.ref);
          return await settle(runOf(job), { is: 'timed-out' }, send, log);
        case 'settle':
          return await settle(runOf(job), failureOf(instance), send, log);
        default:
          return action satisfies never;
      }
    },
  };
}

function runOf(job: Job & { readonly handedAt: Date }): RunKey {
  const { ref, operation, attempt, handedAt, traceparent } = job;
  return { ref, operation, attempt, handedAt: handedAt.toISOString(), traceparent };
}

/** The engine's own word for an instance that ended without settling its job. */
function failureOf(instance: WorkflowInstance | undefined): WorkflowFailure {
  if (instance?.state === 'terminated') return { is: 'terminated' };
  const reason = instance?.reason ?? 'the orchestration ended without a reply';
  return { is: 'failed', reason };
}

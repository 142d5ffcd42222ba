/**
 * Recovers a job whose attempt died or whose message is lost, by the recovery table. Whoever looks at a job calls it: a
 * poll, a wait, an operator, the sweep. Every write goes by `If-Match`, so however many look at once, one of them does it.
 */
import { randomUUID } from 'node:crypto';
import { type Log, logs } from '../logs.ts';
import { cancelBroken, failExhausted } from './deliver-job.ts';
import { ConditionLost } from './errors.ts';
import { fieldsOf, type Job } from './job.ts';
import { waitForNextAttempt } from './lost-attempt.ts';
import type { JobStore } from './ports.ts';
import type { FrontOf } from './queue-fronts.ts';
import { decideRecovery, type RecoveryAction } from './recovery-decision.ts';
import type { Sender } from './send-message.ts';

export interface RecoverJobDependencies {
  readonly store: Pick<JobStore, 'look' | 'write'>;
  readonly send: Sender;
  readonly frontOf: FrontOf;
  readonly log: Log;
}

/**
 * Never throws: whoever asked for a job is to have its answer all the same, and the next to ask recovers it.
 * @returns whether the job has changed since it was seen, by this call or by somebody else
 */
export type RecoverJob = (seen: Job) => Promise<boolean>;

export function recoverJob({ store, send, frontOf, log }: RecoverJobDependencies): RecoverJob {
  /** Metadata first, then the message: the other order multiplies messages. */
  async function putAgain(job: Job): Promise<void> {
    const { ref, operation, attempt } = job;
    const recovered = job.recovered + 1;
    await store.write(ref, { ...fieldsOf(job), recovered, token: randomUUID() }, { etag: job.etag });
    await send(job, attempt, 0);
    logs.messagePutAgain(log, { ref, operation, attempt, recovered });
  }

  async function decide(job: Job): Promise<RecoveryAction> {
    const action = decideRecovery({ job, front: 'unknown' });
    if (action.act !== 'peek') return action;
    return decideRecovery({ job, front: await frontOf(job.operation) });
  }

  async function act(job: Job, action: RecoveryAction): Promise<boolean> {
    switch (action.act) {
      case 'nothing':
      case 'peek':
        return false;
      case 'cancel':
        await cancelBroken(store, job, log);
        return true;
      case 'fail':
        await failExhausted(store, job, log);
        return true;
      case 'next-attempt':
        await waitForNextAttempt(store, job, send, log);
        return true;
      case 'put-message':
        await putAgain(job);
        return true;
      default:
        return action satisfies never;
    }
  }

  return async function recover(job) {
    try {
      return await act(job, await decide(job));
    } catch (error) {
      if (error instanceof ConditionLost) return true;
      logs.recoveryFailed(log, { ref: job.ref, operation: job.operation, attempt: job.attempt }, error);
      return false;
    }
  };
}

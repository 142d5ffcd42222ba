/** Ends an attempt whose orchestration made no reply: the job fails or is tried again, and its files go. */
import { randomUUID } from 'node:crypto';
import type { Log } from '../logs.ts';
import { OperationError, type OperationErrorStatus } from '../operations/operation.ts';
import { own } from './ownership.ts';
import type { JobStore, Registry, StorageClock } from './ports.ts';
import { type Sender, sendSuccessor } from './send-message.ts';
import { AttemptTimedOut, endedFields, settleAttempt } from './settle-attempt.ts';
import { isCurrent } from './workflow-job.ts';
import type { RunKey, ScratchStore, WorkflowFailure } from './workflow-ports.ts';

export interface SettleWorkflowDependencies {
  readonly store: Pick<JobStore, 'look' | 'acquireLease' | 'renewLease' | 'releaseLease' | 'write'>;
  readonly scratch: Pick<ScratchStore, 'remove'>;
  readonly registry: Registry;
  readonly clock: StorageClock;
  readonly heartbeatMs: number;
}

export type SettleWorkflow = (run: RunKey, failure: WorkflowFailure, send: Sender, log: Log) => Promise<void>;

/** Does no more than tidy up where the job is no longer that run's. Throws StorageUnavailable. */
export function settleWorkflow(dependencies: SettleWorkflowDependencies): SettleWorkflow {
  const { store, scratch, registry, clock, heartbeatMs } = dependencies;

  return async function settle(run, failure, send, log) {
    const { ref, attempt } = run;
    const job = await store.look(ref);
    if (isCurrent(job, run)) {
      const owner = own({ store, send, clock, log, heartbeatMs }, job, attempt, randomUUID());
      const error = errorOf(failure, registry.get(job.operation)?.timeoutSeconds ?? 0);
      try {
        await settleAttempt(
          { clock, send, log },
          owner,
          attempt,
          endedFields(owner, attempt, clock.now()),
          error,
        );
      } finally {
        await owner.end();
      }
    } else if (job?.state === 'Pending' && job.waiting && job.attempt === attempt + 1) {
      // An execution of this very settlement may have died between the job's blob and its message.
      await sendSuccessor(send, job);
    }
    await scratch.remove(ref, attempt);
  };
}

function errorOf(failure: WorkflowFailure, timeoutSeconds: number): Error {
  switch (failure.is) {
    case 'rejected': {
      const { detail, code } = failure;
      return new OperationError(detail, { code, status: failure.status as OperationErrorStatus });
    }
    case 'timed-out':
      return new AttemptTimedOut(timeoutSeconds);
    case 'terminated':
      // Whoever terminated it by the engine's own tools does not want it again.
      return new OperationError('The work was terminated.', { code: 'workflow-terminated', status: 409 });
    case 'failed':
      return new Error(failure.reason);
  }
}

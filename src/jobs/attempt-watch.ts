/** Watches a job for an activity that runs: the engine tells an activity neither of a cancel nor of a timeout. */
import type { Job } from './job.ts';
import { AttemptOver } from './ownership.ts';
import type { JobStore } from './ports.ts';
import { AttemptTimedOut } from './settle-attempt.ts';
import { isCurrent, millisecondsLeft } from './workflow-job.ts';
import type { RunKey } from './workflow-ports.ts';

/** The whole workflow's timeout has passed. */
export class WorkflowTimedOut extends Error {
  constructor() {
    super("the workflow's timeout has passed");
    this.name = 'WorkflowTimedOut';
  }
}

export interface AttemptWatch {
  /** Aborts with AttemptOver, WorkflowTimedOut, or AttemptTimedOut for the activity's own timeout. */
  readonly signal: AbortSignal;
  /** Ends the activity for another reason. */
  abort(reason: Error): void;
  /** Looks no more: the lease's heartbeat does from here on. */
  leaveToLease(): void;
  stop(): void;
}

export function watchAttempt(
  store: Pick<JobStore, 'look'>,
  run: RunKey,
  job: Job & { readonly handedAt: Date },
  limits: {
    readonly heartbeatMs: number;
    readonly activitySeconds: number;
    readonly workflowSeconds: number;
  },
): AttemptWatch {
  const over = new AbortController();
  const { activitySeconds, workflowSeconds, heartbeatMs } = limits;
  const timers = [
    setTimeout(() => over.abort(new AttemptTimedOut(activitySeconds)), activitySeconds * 1000),
    setTimeout(() => over.abort(new WorkflowTimedOut()), millisecondsLeft(job, workflowSeconds)),
  ];
  const heartbeat = setInterval(() => {
    store.look(run.ref).then(
      (now) => {
        if (!isCurrent(now, run)) over.abort(new AttemptOver('canceled, deleted or handed over again'));
      },
      // Storage that does not answer ends nothing; the next look tells.
      () => undefined,
    );
  }, heartbeatMs);

  return {
    signal: over.signal,
    abort: (reason) => over.abort(reason),
    leaveToLease: () => clearInterval(heartbeat),
    stop() {
      clearInterval(heartbeat);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** Whether a job is still that of a run which the workflow engine has. */
import type { Job } from './job.ts';
import { isFinished } from './job.ts';
import type { RunKey } from './workflow-ports.ts';

/** A broken lease is a cancel requested. */
export function isCurrent(
  job: Job | undefined,
  { handedAt }: Pick<RunKey, 'handedAt'>,
): job is Job & { readonly handedAt: Date } {
  return (
    job !== undefined &&
    !isFinished(job) &&
    job.lease !== 'broken' &&
    job.handedAt?.toISOString() === handedAt
  );
}

/** Milliseconds that are left of a workflow's timeout, by storage's time; negative once it has passed. */
export function millisecondsLeft(
  { handedAt, observedAt }: Job & { readonly handedAt: Date },
  timeoutSeconds: number,
): number {
  return handedAt.getTime() + timeoutSeconds * 1000 - observedAt.getTime();
}

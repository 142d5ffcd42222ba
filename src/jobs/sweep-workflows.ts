/** Once a day: removes what dead activities left behind, and what the engine keeps of instances that have ended. */
import { type Log, logs } from '../logs.ts';
import { isFinished } from './job.ts';
import type { JobStore, StorageClock } from './ports.ts';
import type { ScratchStore, WorkflowEngine } from './workflow-ports.ts';

/** Ended instances are of use only to whoever looks into a failure with the engine's own tools. */
const HISTORY_DAYS = 7;

export interface SweepWorkflowsDependencies {
  readonly store: Pick<JobStore, 'look'>;
  readonly scratch: Pick<ScratchStore, 'attempts' | 'remove'>;
  readonly engine: Pick<WorkflowEngine, 'purge'>;
  readonly clock: StorageClock;
}

export type SweepWorkflows = (log: Log) => Promise<void>;

/** Throws StorageUnavailable, EngineUnavailable: the next day's sweep begins anew. */
export function sweepWorkflows({
  store,
  scratch,
  engine,
  clock,
}: SweepWorkflowsDependencies): SweepWorkflows {
  return async function sweep(log) {
    let removed = 0;
    for await (const { ref, attempt } of scratch.attempts()) {
      const job = await store.look(ref);
      if (job !== undefined && !isFinished(job) && job.attempt === attempt) continue;
      await scratch.remove(ref, attempt);
      removed += 1;
    }
    await engine.purge(new Date(clock.now().getTime() - HISTORY_DAYS * 86_400_000));
    logs.workflowsSwept(log, { removed });
  };
}

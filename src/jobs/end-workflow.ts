/** What cancel and delete do beside the job's blob: its instance ends, and its files go. */
import { type Log, logs } from '../logs.ts';
import type { Job } from './job.ts';
import type { ScratchStore, WorkflowEngine } from './workflow-ports.ts';

/** Never throws: an instance that was not told finds at its next activity that the job is over. */
export type EndWorkflow = (job: Job) => Promise<void>;

export function endWorkflow(
  engine: Pick<WorkflowEngine, 'terminate'>,
  scratch: Pick<ScratchStore, 'remove'>,
  log: Log,
): EndWorkflow {
  return async function end({ ref, operation, attempt, handedAt }) {
    if (handedAt === undefined) return;
    try {
      await engine.terminate(ref);
      // What an activity under way writes from here on it removes itself.
      await scratch.remove(ref);
      logs.workflowEnded(log, { ref, operation, attempt });
    } catch (error) {
      logs.workflowNotEnded(log, { ref, operation, attempt }, error);
    }
  };
}

/** A workflow engine that runs nothing: a test says what it knows, and sees what it was told. */
import type { WorkflowEngine, WorkflowInstance, WorkflowRun } from '../../../src/jobs/workflow-ports.ts';

export interface StandInEngine extends WorkflowEngine {
  readonly started: WorkflowRun[];
  readonly terminated: string[];
  /** What it knows, by ref; what it starts is alive. */
  readonly instances: Map<string, WorkflowInstance>;
}

export function standInEngine(): StandInEngine {
  const started: WorkflowRun[] = [];
  const terminated: string[] = [];
  const instances = new Map<string, WorkflowInstance>();
  return {
    started,
    terminated,
    instances,
    async start(run) {
      if (instances.get(run.ref)?.state === 'alive') return 'occupied';
      instances.set(run.ref, { handedAt: run.handedAt, state: 'alive', reason: undefined });
      started.push(run);
      return 'started';
    },
    look: async (ref) => instances.get(ref),
    async terminate(ref) {
      const instance = instances.get(ref);
      if (instance?.state !== 'alive') return;
      terminated.push(ref);
      instances.set(ref, { ...instance, state: 'terminated', reason: 'the job is over' });
    },
    async purge() {},
  };
}

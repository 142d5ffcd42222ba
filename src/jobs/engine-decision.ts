/**
 * What is done with a job that the workflow engine has, by what the engine says of its instance: a table as those in
 * decisions.ts. Whoever delivers a message of such a job asks, and recovery puts a message where nobody did for long.
 */
import { firstFit, type Row } from './decisions.ts';
import type { Job } from './job.ts';
import { isCurrent, millisecondsLeft } from './workflow-job.ts';
import type { WorkflowInstance } from './workflow-ports.ts';

/** An instance that lives so much longer than its timeout lets no activity end it any more. */
const OVERDUE_SECONDS = 300;

export interface EngineView {
  readonly job: Job & { readonly handedAt: Date };
  readonly instance: WorkflowInstance | undefined;
  readonly timeoutSeconds: number;
}

/** `make-room`: terminate the instance, and come again. `settle`: the attempt ends as the engine says. */
export type EngineAction = 'nothing' | 'start' | 'make-room' | 'time-out' | 'settle';

const stale = ({ job, instance }: EngineView) =>
  instance !== undefined && job.handedAt.toISOString() !== instance.handedAt;
const alive = ({ instance }: EngineView) => instance?.state === 'alive';

export const engineTable: readonly Row<EngineView, EngineAction>[] = [
  { finds: 'unknown', fits: ({ instance }) => instance === undefined, does: 'start' },
  { finds: 'alive, of an earlier hand-over', fits: (view) => stale(view) && alive(view), does: 'make-room' },
  { finds: 'ended, of an earlier hand-over', fits: stale, does: 'start' },
  {
    finds: 'alive long after its timeout',
    fits: (view) => alive(view) && millisecondsLeft(view.job, view.timeoutSeconds) < -1000 * OVERDUE_SECONDS,
    does: 'time-out',
  },
  { finds: 'alive', fits: alive, does: 'nothing' },
  { finds: 'ended', fits: () => true, does: 'settle' },
];

/** Decides; the job is one that {@link isCurrent}. */
export function decideByEngine(view: EngineView): EngineAction {
  return firstFit(engineTable, view).does;
}

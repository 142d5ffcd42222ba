/**
 * A workflow engine that is played by hand, a step at a time: what dies is done again, what fails is repeated, then the
 * attempt is settled. Its orchestrations call the activity `work`, then `reply`.
 */
import type {
  ActivityOutcome,
  WorkflowEngine,
  WorkflowFailure,
  WorkflowInstance,
  WorkflowRun,
} from '../../../src/jobs/workflow-ports.ts';
import type { Instance } from './instance.ts';

/** Executions of an activity before its failure is the attempt's. */
const MOST_EXECUTIONS = 3;

interface Orchestration {
  readonly run: WorkflowRun;
  next: 'work' | 'reply' | 'settle' | undefined;
  state: WorkflowInstance['state'];
  executions: number;
  hasFiles: boolean;
  failure: WorkflowFailure;
}

export interface PlayedEngine extends WorkflowEngine {
  /** What is to be done next, for any job. */
  readonly next: 'work' | 'reply' | 'settle' | undefined;
  /** Has an instance of the app do it. */
  step(instance: Instance): Promise<void>;
  /** Loses an orchestration, or ends it without a word. */
  interfere(ref: string, state: 'unknown' | 'failed'): void;
}

export function playedEngine(): PlayedEngine {
  const orchestrations = new Map<string, Orchestration>();
  const due = () => [...orchestrations.values()].find(({ state, next }) => state === 'alive' && next);

  async function step(instance: Instance): Promise<void> {
    const orchestration = due();
    if (orchestration === undefined) return;
    const { run, next, hasFiles, failure } = orchestration;
    const { params, ...key } = run;
    if (next === 'settle') {
      const { is } = await instance.run((app) => app.settle(key, failure));
      if (is === 'answered') finish(orchestration);
      return;
    }
    const order = { run: key, activity: next ?? '', input: null, progress: undefined, hasFiles };
    const outcome = await instance.run((app) => app.runActivity(order));
    if (outcome.is === 'answered') conclude(orchestration, outcome.value);
    if (outcome.is === 'refused' && ++orchestration.executions === MOST_EXECUTIONS) {
      settleWith(orchestration, { is: 'failed', reason: String(outcome.error) });
    }
  }

  function conclude(orchestration: Orchestration, outcome: ActivityOutcome): void {
    orchestration.executions = 0;
    if (outcome.is === 'rejected' || outcome.is === 'timed-out') settleWith(orchestration, outcome);
    else if (outcome.is === 'over' || orchestration.next === 'reply') finish(orchestration);
    else {
      orchestration.hasFiles ||= outcome.hasFiles;
      orchestration.next = 'reply';
    }
  }

  function settleWith(orchestration: Orchestration, failure: WorkflowFailure): void {
    orchestration.failure = failure;
    orchestration.next = 'settle';
  }

  function finish(orchestration: Orchestration): void {
    orchestration.state = 'completed';
    orchestration.next = undefined;
  }

  return {
    get next() {
      return due()?.next;
    },
    step,
    interfere(ref, state) {
      const orchestration = orchestrations.get(ref);
      if (state === 'unknown') orchestrations.delete(ref);
      else if (orchestration !== undefined) orchestration.state = state;
    },
    async start(run) {
      if (orchestrations.get(run.ref)?.state === 'alive') return 'occupied';
      orchestrations.set(run.ref, {
        run,
        next: 'work',
        state: 'alive',
        executions: 0,
        hasFiles: false,
        failure: { is: 'timed-out' },
      });
      return 'started';
    },
    async look(ref) {
      const orchestration = orchestrations.get(ref);
      if (orchestration === undefined) return undefined;
      const { run, state } = orchestration;
      return { handedAt: run.handedAt, state, reason: state === 'failed' ? 'the engine said so' : undefined };
    },
    async terminate(ref) {
      const orchestration = orchestrations.get(ref);
      if (orchestration?.state === 'alive') orchestration.state = 'terminated';
    },
    async purge() {},
  };
}

/** Runs an author's `orchestrate`: whoever steps the generator does each step it yields, and hands the answer in. */
import type { CallStep, OrchestrateContext, Step, StepDoes, WorkflowOperation } from './workflow.ts';

/** The run of a workflow that is the engine's: what a replay may depend on. */
export interface OrchestrationInput {
  readonly ref: string;
  readonly attempt: number;
  readonly params: unknown;
}

/** The generator's steps; its return value is the input of the activity `reply`. */
export function orchestrationOf(
  workflow: WorkflowOperation,
  { ref, attempt, params }: OrchestrationInput,
  onProgress: OrchestrateContext['progress'],
): Generator<Step, unknown, unknown> {
  const call = Object.fromEntries(
    [...workflow.activities.keys()].map((activity) => [
      activity,
      (input?: unknown) => stepOf({ kind: 'call', activity, input }) as CallStep,
    ]),
  );
  return workflow.orchestrate({
    call: call as unknown as OrchestrateContext['call'],
    all,
    progress: onProgress,
    params,
    ref,
    attempt,
  });
}

function stepOf<O>(does: StepDoes): Step<O> {
  const step: Step<O> = {
    does,
    *[Symbol.iterator]() {
      return (yield step) as O;
    },
  };
  return step;
}

/** In groups, and not as a window that moves on: the engine's protocol waits for a group as a whole. */
function* all<O>(
  calls: readonly CallStep<O>[],
  { atOnce = calls.length }: { readonly atOnce?: number } = {},
): Generator<Step, O[], unknown> {
  if (calls.length > 0 && !(Number.isInteger(atOnce) && atOnce >= 1)) {
    throw new RangeError(`atOnce must be a whole number of at least 1, got ${atOnce}`);
  }
  const outputs: O[] = [];
  for (let from = 0; from < calls.length; from += atOnce) {
    const group = calls.slice(from, from + atOnce).map(({ does }) => does);
    outputs.push(...(yield* stepOf<O[]>({ kind: 'all', calls: group })));
  }
  return outputs;
}

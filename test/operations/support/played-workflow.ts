/** Plays a workflow's orchestration without an engine: each call is answered by the test, each answer may be a failure. */
import { type OrchestrationInput, orchestrationOf } from '../../../src/operations/orchestration.ts';
import type { ActivityCall, StepDoes, WorkflowOperation } from '../../../src/operations/workflow.ts';

/** The output of one activity. What it throws is what the activity threw at last. */
export type AnswerCall = (call: ActivityCall) => unknown;

export interface Played {
  readonly steps: readonly StepDoes[];
  readonly progress: readonly (readonly [percentComplete: number, message: string | undefined])[];
  /** What `reply` gets; undefined where the play was left before its end. */
  readonly replyInput: unknown;
}

/** @param mostSteps leaves the play there, as a replay does that has come to the end of its history */
export function playWorkflow(
  workflow: WorkflowOperation,
  input: Partial<OrchestrationInput>,
  answerCall: AnswerCall,
  mostSteps = Number.POSITIVE_INFINITY,
): Played {
  const steps: StepDoes[] = [];
  const progress: [number, string | undefined][] = [];
  const run = { ref: 'ref', attempt: 1, params: {}, ...input };
  const orchestration = orchestrationOf(workflow, run, (...said) => progress.push([said[0], said[1]]));
  let next = orchestration.next();
  while (!next.done) {
    const { does } = next.value;
    // A copy by JSON, as the engine's history has it.
    steps.push(JSON.parse(JSON.stringify(does)) as StepDoes);
    if (steps.length > mostSteps) return { steps, progress, replyInput: undefined };
    let answer: { output: unknown } | { error: unknown };
    try {
      answer = { output: does.kind === 'call' ? answerCall(does) : does.calls.map(answerCall) };
    } catch (error) {
      answer = { error };
    }
    next = 'error' in answer ? orchestration.throw(answer.error) : orchestration.next(answer.output);
  }
  return { steps, progress, replyInput: next.value };
}

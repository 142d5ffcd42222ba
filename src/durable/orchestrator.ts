/**
 * A workflow's orchestrator: has the engine do what the author's orchestration yields, then makes the reply, or settles
 * the attempt. It runs under the same rule as what it steps: nothing here may depend on anything but the context.
 */
import * as df from 'durable-functions';
import { noted } from '../jobs/progress.ts';
import type { ActivityOrder, ActivityOutcome, WorkflowFailure, WorkflowRun } from '../jobs/workflow-ports.ts';
import { OperationError, type OperationErrorStatus } from '../operations/operation.ts';
import { orchestrationOf } from '../operations/orchestration.ts';
import { type ActivityCall, REPLY, type StepDoes, type WorkflowOperation } from '../operations/workflow.ts';
import { activityName, SETTLE_NAME } from './names.ts';

/** Doubled each time: storage that is away for a quarter of an hour loses no attempt's end. */
const SETTLE_RETRY = { firstDelaySeconds: 5, maxAttempts: 8 };

/** Nothing is left to do: the job is over, or its timeout has passed. Not for the author to catch. */
class Ended {
  readonly failure: WorkflowFailure | undefined;
  constructor(failure?: WorkflowFailure) {
    this.failure = failure;
  }
}

/** What an orchestrator hands to {@link SETTLE_NAME}. */
export interface SettleOrder {
  readonly run: ActivityOrder['run'];
  readonly failure: WorkflowFailure;
}

export function orchestratorOf(workflow: WorkflowOperation): df.OrchestrationHandler {
  return function* orchestrate({ df: context }) {
    const { params, ...run } = context.getInput<WorkflowRun>() as WorkflowRun;
    let progress: ActivityOrder['progress'];
    let hasFiles = false;

    const taskOf = ({ activity, input }: ActivityCall): df.Task => {
      const order: ActivityOrder = { run, activity, input, progress, hasFiles };
      const name = activityName(workflow.name, activity);
      const { maxAttempts, firstDelaySeconds } = workflow.activities.get(activity) ?? SETTLE_RETRY;
      return maxAttempts === 1
        ? context.callActivity(name, order)
        : context.callActivityWithRetry(name, retryOf(firstDelaySeconds, maxAttempts), order);
    };
    const outputOf = (outcome: ActivityOutcome): unknown => {
      switch (outcome.is) {
        case 'done':
          hasFiles ||= outcome.hasFiles;
          return outcome.output;
        case 'rejected':
          throw new OperationError(outcome.detail, {
            code: outcome.code,
            status: outcome.status as OperationErrorStatus,
          });
        case 'timed-out':
          throw new Ended({ is: 'timed-out' });
        case 'over':
          throw new Ended();
      }
    };

    function* perform(does: StepDoes): Generator<df.Task, unknown, unknown> {
      if (does.kind === 'call') return outputOf((yield taskOf(does)) as ActivityOutcome);
      // Each in a Task.any of its own, which never fails: Task.all would go on at the first failure, with the others
      // still under way and, being repeated by the engine, numbered otherwise than the engine numbers them.
      const settled = (yield context.Task.all(
        does.calls.map((call) => context.Task.any([taskOf(call)])),
      )) as df.Task[];
      const outcomes = settled.map(({ isFaulted, result }) => {
        if (isFaulted) return { error: result };
        try {
          return { output: outputOf(result as ActivityOutcome) };
        } catch (error) {
          return { error };
        }
      });
      for (const outcome of outcomes) if ('error' in outcome) throw outcome.error;
      return outcomes.map((outcome) => outcome.output);
    }

    /** The author's steps up to the input of the reply. */
    function* steps(): Generator<df.Task, unknown, unknown> {
      const author = orchestrationOf(workflow, { ...run, params }, (...said) => {
        progress = noted(...said) ?? progress;
        context.setCustomStatus(progress);
      });
      let next = author.next();
      while (!next.done) {
        let answer: unknown;
        try {
          answer = yield* perform(next.value.does);
        } catch (error) {
          if (error instanceof Ended) throw error;
          next = author.throw(error);
          continue;
        }
        next = author.next(answer);
      }
      return next.value;
    }

    try {
      const input = yield* steps();
      yield* perform({ kind: 'call', activity: REPLY, input });
    } catch (error) {
      const failure = error instanceof Ended ? error.failure : failureOf(error);
      if (failure === undefined) return;
      const order: SettleOrder = { run, failure };
      yield context.callActivityWithRetry(
        SETTLE_NAME,
        retryOf(SETTLE_RETRY.firstDelaySeconds, SETTLE_RETRY.maxAttempts),
        order,
      );
    }
  };
}

function retryOf(firstDelaySeconds: number, maxAttempts: number): df.RetryOptions {
  const options = new df.RetryOptions(firstDelaySeconds * 1000, maxAttempts);
  options.backoffCoefficient = 2;
  return options;
}

function failureOf(error: unknown): WorkflowFailure {
  if (error instanceof OperationError) {
    return { is: 'rejected', status: error.status, code: error.code, detail: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  // The library puts the engine's details, a stack, behind the message.
  return { is: 'failed', reason: message.split(' \n ')[0] ?? message };
}

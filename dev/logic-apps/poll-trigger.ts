/**
 * A workflow with an HTTP trigger (Microsoft Learn, "Schema reference for trigger and action types", HTTP trigger, Trigger
 * conditions): a poll that is answered 200 and meets every condition starts a run. The recurrence is left to the caller, who
 * polls when it wants time to have passed.
 */
import { randomBytes } from 'node:crypto';
import type { ActionStatus, HttpTrigger } from './definition.ts';
import { evaluateValue } from './expressions/evaluate.ts';
import type { ExpressionContext } from './expressions/functions.ts';
import { isObject } from './expressions/value.ts';
import { runHttpAction } from './http-action.ts';
import { httpCallOf } from './http-call.ts';
import { runActions } from './run-actions.ts';
import type { WorkflowOptions } from './start-workflow.ts';

/**
 * Polls once, and runs the workflow to its end if it has to.
 * @returns what the run ended with, undefined if there was none.
 * @throws {UnknownBehaviour}
 */
export async function pollTrigger(options: WorkflowOptions): Promise<ActionStatus | undefined> {
  const { definition, parameters, clock, identity } = options;
  const [trigger] = Object.values(definition.triggers) as [HttpTrigger];
  const runName = randomBytes(16).toString('hex');
  const before: ExpressionContext = {
    runName,
    parameters,
    triggerOutputs: null,
    result: () => undefined,
    item: () => undefined,
  };
  const call = await httpCallOf(trigger.inputs, before);
  const { outputs } = await runHttpAction({}, trigger.inputs.retryPolicy, call, { clock, identity });
  if (!isObject(outputs) || outputs.statusCode !== 200) return undefined;
  for (const { expression } of trigger.conditions ?? []) {
    if ((await evaluateValue(expression, { ...before, triggerOutputs: outputs })) !== true) return undefined;
  }
  return await runActions(
    definition.actions,
    { runName, parameters, triggerOutputs: outputs, results: new Map() },
    { clock, identity, respond: () => false },
  );
}

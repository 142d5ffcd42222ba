/**
 * Runs the actions of a workflow in the order that `runAfter` gives them (Microsoft Learn, "Handle errors and exceptions in
 * Azure Logic Apps"). An action whose `runAfter` is not met is Skipped; what a block as a whole ended with is decided by its
 * last actions, where a skipped one stands for those before it.
 */
import {
  type Action,
  type ActionStatus,
  type Actions,
  blocksOf,
  type Condition,
  type Json,
} from './definition.ts';
import { evaluateValue } from './expressions/evaluate.ts';
import { type ActionResult, type ExpressionContext, InvalidTemplate } from './expressions/functions.ts';
import type { Value } from './expressions/value.ts';
import { type HttpEnvironment, runHttpAction } from './http-action.ts';
import { httpCallOf, texts } from './http-call.ts';
import { UnknownBehaviour } from './unknown-behaviour.ts';

/** What a Response action sends. */
export interface WorkflowAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Value;
}

export interface RunEnvironment extends HttpEnvironment {
  /** False where the caller has an answer already: the Response action then fails. */
  respond(answer: WorkflowAnswer): boolean;
}

/** A run, or one turn of a loop in it. */
export interface RunScope extends Pick<ExpressionContext, 'runName' | 'parameters' | 'triggerOutputs'> {
  readonly results: Map<string, ActionResult>;
  readonly outer?: RunScope;
  readonly loop?: { readonly name: string; readonly item: Value };
}

/**
 * @returns what the block ended with.
 * @throws {UnknownBehaviour}
 */
export async function runActions(
  actions: Actions,
  scope: RunScope,
  environment: RunEnvironment,
): Promise<ActionStatus> {
  const started = new Map<string, Promise<ActionResult>>();
  const resultOf = (name: string): Promise<ActionResult> => {
    const running = started.get(name) ?? runInOrder(name);
    started.set(name, running);
    return running;
  };
  async function runInOrder(name: string): Promise<ActionResult> {
    const action = actions[name] as Action;
    const before = Object.entries(action.runAfter);
    const results = await Promise.all(before.map(([earlier]) => resultOf(earlier)));
    const isMet = before.every(([, statuses], index) =>
      statuses.includes(results[index]?.status ?? 'Skipped'),
    );
    const result = isMet ? await runAction(name, action, scope, environment) : skip(action, scope);
    scope.results.set(name, result);
    return result;
  }
  await Promise.all(Object.keys(actions).map(resultOf));
  return statusOfBlock(actions, (name) => scope.results.get(name)?.status ?? 'Skipped');
}

function statusOfBlock(actions: Actions, statusOf: (name: string) => ActionStatus): ActionStatus {
  const earlier = new Set(Object.values(actions).flatMap(({ runAfter }) => Object.keys(runAfter)));
  const standingFor = (name: string): readonly ActionStatus[] => {
    const status = statusOf(name);
    const before = Object.keys(actions[name]?.runAfter ?? {});
    return status === 'Skipped' && before.length > 0 ? before.flatMap(standingFor) : [status];
  };
  const statuses = Object.keys(actions)
    .filter((name) => !earlier.has(name))
    .flatMap(standingFor);
  return statuses.some((status) => status === 'Failed' || status === 'TimedOut') ? 'Failed' : 'Succeeded';
}

/** An action that does not run, nor do those inside it. */
function skip(action: Action, scope: RunScope): ActionResult {
  for (const block of blocksOf(action)) skipAll(block, scope);
  return { status: 'Skipped', outputs: null };
}

function skipAll(actions: Actions, scope: RunScope): void {
  for (const [name, action] of Object.entries(actions)) scope.results.set(name, skip(action, scope));
}

async function runAction(
  name: string,
  action: Action,
  scope: RunScope,
  environment: RunEnvironment,
): Promise<ActionResult> {
  try {
    return await perform(name, action, scope, environment);
  } catch (error) {
    if (error instanceof UnknownBehaviour) throw error;
    // As the platform: an expression that cannot be evaluated fails its action.
    return { status: 'Failed', code: 'InvalidTemplate', outputs: null };
  }
}

async function perform(
  name: string,
  action: Action,
  scope: RunScope,
  environment: RunEnvironment,
): Promise<ActionResult> {
  const value = (source: Json) => evaluateValue(source, contextOf(scope));
  const block = async (actions: Actions, inner = scope): Promise<ActionResult> => ({
    status: await runActions(actions, inner, environment),
    outputs: null,
  });
  switch (action.type) {
    case 'Compose':
      return { status: 'Succeeded', outputs: await value(action.inputs) };
    case 'Http': {
      const call = await httpCallOf(action.inputs, contextOf(scope));
      return await runHttpAction(action, action.inputs.retryPolicy, call, environment);
    }
    case 'Response': {
      const { statusCode, headers = {}, body = null } = action.inputs;
      const answer = {
        statusCode: Number(await value(statusCode)),
        headers: texts(await value(headers)),
        body: await value(body),
      };
      return { status: environment.respond(answer) ? 'Succeeded' : 'Failed', outputs: null };
    }
    case 'Scope':
      return await block(action.actions);
    case 'If': {
      const isTrue = await holds(action.expression, value);
      skipAll(isTrue ? action.else.actions : action.actions, scope);
      return await block(isTrue ? action.actions : action.else.actions);
    }
    case 'Switch': {
      const found = await value(action.expression);
      const cases = Object.values(action.cases);
      const chosen = cases.find((one) => one.case === found) ?? action.default;
      for (const other of [...cases, action.default]) if (other !== chosen) skipAll(other.actions, scope);
      return await block(chosen.actions);
    }
    case 'Foreach': {
      const list = await value(action.foreach);
      if (!Array.isArray(list)) throw new InvalidTemplate(`${name} wants an array.`);
      const turns = list.map((item: Value) =>
        block(action.actions, { ...scope, results: new Map(), outer: scope, loop: { name, item } }),
      );
      const isFailed = (await Promise.all(turns)).some(({ status }) => status !== 'Succeeded');
      return { status: isFailed ? 'Failed' : 'Succeeded', outputs: null };
    }
  }
}

async function holds(condition: Condition, value: (source: Json) => Promise<Value>): Promise<boolean> {
  if ('equals' in condition) {
    const [one, other] = condition.equals;
    return (await value(one)) === (await value(other));
  }
  const isAll = 'and' in condition;
  for (const part of isAll ? condition.and : condition.or) {
    if ((await holds(part, value)) !== isAll) return !isAll;
  }
  return isAll;
}

function contextOf(scope: RunScope): ExpressionContext {
  const { runName, parameters, triggerOutputs } = scope;
  const find = <T>(read: (level: RunScope) => T | undefined): T | undefined => {
    for (let level: RunScope | undefined = scope; level !== undefined; level = level.outer) {
      const found = read(level);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    runName,
    parameters,
    triggerOutputs,
    result: (action) => find(({ results }) => results.get(action)),
    item: (name) => find(({ loop }) => (loop?.name === name ? loop.item : undefined)),
  };
}

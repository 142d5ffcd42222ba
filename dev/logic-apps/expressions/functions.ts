/**
 * The functions that the definitions use, as Microsoft Learn has them ("Reference guide to workflow expression functions").
 * Every argument is evaluated, those of `if()` too. An argument of the wrong type fails the action, as there.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ActionStatus } from '../definition.ts';
import { typeOf, type Value, XmlElement } from './value.ts';
import { evaluateXpath, readXml } from './xpath.ts';

/** What an action ended with, as `actions()` shows it. */
export interface ActionResult {
  readonly status: ActionStatus;
  /** `ActionTimedOut` and the like. */
  readonly code?: string;
  readonly outputs: Value;
}

/** What an expression can ask of the run that it stands in. */
export interface ExpressionContext {
  readonly runName: string;
  readonly parameters: Readonly<Record<string, Value>>;
  readonly triggerOutputs: Value;
  /** Undefined for an action that has not ended. */
  result(action: string): ActionResult | undefined;
  /** The item that a Foreach is at; undefined outside of it. */
  item(loop: string): Value | undefined;
}

interface WorkflowFunction {
  readonly arity: readonly [least: number, most: number];
  /** Of its arguments, the one that names an action. */
  readonly namesAction?: true;
  call(args: readonly Value[], context: ExpressionContext): Value | Promise<Value>;
}

/** Fails the action whose expression it is, as the platform's InvalidTemplate does. */
export class InvalidTemplate extends Error {}

const outputsOf = (action: Value | undefined, context: ExpressionContext): Value =>
  resultOf(action, context).outputs;

function resultOf(action: Value | undefined, context: ExpressionContext): ActionResult {
  const result = context.result(String(action));
  if (result === undefined) throw new InvalidTemplate(`The action '${action}' has not ended.`);
  return result;
}

function text(name: string, value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw new InvalidTemplate(`'${name}' wants a text and was given ${typeOf(value ?? null)}.`);
}

function property(value: Value, name: string): Value {
  return value !== null && typeof value === 'object' && name in value
    ? ((value as Readonly<Record<string, Value>>)[name] ?? null)
    : null;
}

export const functions: Readonly<Record<string, WorkflowFunction>> = {
  parameters: {
    arity: [1, 1],
    call([name], { parameters }) {
      const value = parameters[String(name)];
      if (value === undefined) throw new InvalidTemplate(`There is no parameter '${name}'.`);
      return value;
    },
  },
  triggerOutputs: { arity: [0, 0], call: (_, { triggerOutputs }) => triggerOutputs },
  triggerBody: { arity: [0, 0], call: (_, { triggerOutputs }) => property(triggerOutputs, 'body') },
  workflow: { arity: [0, 0], call: (_, { runName }) => ({ run: { name: runName } }) },
  actions: {
    arity: [1, 1],
    namesAction: true,
    call([name], context) {
      const { status, code, outputs } = resultOf(name, context);
      return { name: String(name), status, code: code ?? null, outputs };
    },
  },
  outputs: { arity: [1, 1], namesAction: true, call: ([name], context) => outputsOf(name, context) },
  items: {
    arity: [1, 1],
    call([loop], context) {
      const item = context.item(String(loop));
      if (item === undefined) throw new InvalidTemplate(`'${loop}' is no loop around this action.`);
      return item;
    },
  },
  guid: { arity: [0, 0], call: () => randomUUID() },
  coalesce: { arity: [1, 9], call: (args) => args.find((value) => value !== null) ?? null },
  if: {
    arity: [3, 3],
    call([condition, yes = null, no = null]) {
      if (typeof condition !== 'boolean') throw new InvalidTemplate("'if' wants a boolean first.");
      return condition ? yes : no;
    },
  },
  equals: { arity: [2, 2], call: ([one, other]) => isDeepStrictEqual(one, other) },
  not: {
    arity: [1, 1],
    call([value]) {
      if (typeof value !== 'boolean') throw new InvalidTemplate("'not' wants a boolean.");
      return !value;
    },
  },
  empty: {
    arity: [1, 1],
    call([value = null]) {
      if (typeof value === 'string' || Array.isArray(value)) return value.length === 0;
      throw new InvalidTemplate(`'empty' of ${typeOf(value)}.`);
    },
  },
  length: {
    arity: [1, 1],
    call([value = null]) {
      if (typeof value === 'string' || Array.isArray(value)) return value.length;
      throw new InvalidTemplate(`'length' wants a text or an array and was given ${typeOf(value)}.`);
    },
  },
  string: {
    arity: [1, 1],
    call: ([value = null]) => (typeof value === 'string' ? value : JSON.stringify(value)),
  },
  json: { arity: [1, 1], call: ([value]) => JSON.parse(text('json', value)) },
  split: {
    arity: [2, 2],
    call: ([value, delimiter]) => text('split', value).split(text('split', delimiter)),
  },
  trim: { arity: [1, 1], call: ([value]) => text('trim', value).trim() },
  uriComponent: { arity: [1, 1], call: ([value]) => encodeURIComponent(text('uriComponent', value)) },
  xml: { arity: [1, 1], call: ([value = null]) => readXml(value) },
  xpath: {
    arity: [2, 2],
    call([element, path]) {
      if (!(element instanceof XmlElement)) throw new InvalidTemplate("'xpath' wants XML first.");
      return evaluateXpath(element, text('xpath', path));
    },
  },
};

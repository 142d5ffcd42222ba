/** Evaluates expressions, and the texts and objects they stand in. */
import type { Json } from '../definition.ts';
import { UnknownBehaviour } from '../unknown-behaviour.ts';
import { type ExpressionContext, functions, InvalidTemplate } from './functions.ts';
import type { Expression } from './parse-expression.ts';
import { parseTemplate } from './template.ts';
import { HeaderValues, isObject, typeOf, type Value } from './value.ts';

/**
 * A value of a definition with every expression in it replaced by its result.
 * @throws {InvalidTemplate} for what fails the action on the platform too.
 * @throws {UnknownBehaviour} for what the interpreter does not know.
 */
export async function evaluateValue(value: Json, context: ExpressionContext): Promise<Value> {
  if (typeof value === 'string') return await evaluateText(value, context);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return await Promise.all(value.map((item) => evaluateValue(item, context)));
  const entries = Object.entries(value).map(
    async ([key, item]) => [key, await evaluateValue(item, context)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function evaluateText(source: string, context: ExpressionContext): Promise<Value> {
  const template = parseTemplate(source);
  if (template.kind === 'expression') return await evaluate(template.expression, context);
  const parts = template.parts.map(async (part) =>
    typeof part === 'string' ? part : asText(await evaluate(part, context)),
  );
  return (await Promise.all(parts)).join('');
}

function asText(value: Value): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function evaluate(expression: Expression, context: ExpressionContext): Promise<Value> {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'call': {
      const known = functions[expression.name];
      if (known === undefined) throw new UnknownBehaviour(`the function '${expression.name}'`);
      const args: Value[] = [];
      for (const arg of expression.args) args.push(await evaluate(arg, context));
      return await known.call(args, context);
    }
    case 'access': {
      const target = await evaluate(expression.target, context);
      const key = await evaluate(expression.key, context);
      return access(target, key, expression.isSafe);
    }
  }
}

function access(target: Value, key: Value, isSafe: boolean): Value {
  if (target === null && isSafe) return null;
  const found = propertyOf(target, key);
  if (found === undefined)
    throw new InvalidTemplate(`${typeOf(target)} has no properties to select by '${key}'.`);
  if (found === null && !isSafe) throw new InvalidTemplate(`There is no property '${key}'.`);
  return found;
}

/** Null where there is no such property, undefined where there can be none. */
function propertyOf(target: Value, key: Value): Value | undefined {
  if (target instanceof HeaderValues) return target.get(String(key));
  if (isObject(target)) return target[String(key)] ?? null;
  return undefined;
}

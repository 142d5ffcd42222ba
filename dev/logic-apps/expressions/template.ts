/**
 * Where expressions stand in a definition's texts: `@expression` is the whole value, `@{expression}` a part of a text, `@@` a
 * plain `@` at the start (Microsoft Learn, "Schema reference for Workflow Definition Language", Expressions).
 */
import type { Json } from '../definition.ts';
import { type Expression, ExpressionSyntaxError, parseExpression } from './parse-expression.ts';

export type Template =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'text'; readonly parts: readonly (string | Expression)[] };

/** @throws {ExpressionSyntaxError} */
export function parseTemplate(source: string): Template {
  if (source.startsWith('@@')) return { kind: 'text', parts: [source.slice(1)] };
  if (/^@[^{]/.test(source)) return { kind: 'expression', expression: parseExpression(source.slice(1)) };
  const parts: (string | Expression)[] = [];
  let position = 0;
  for (let start = source.indexOf('@{'); start >= 0; start = source.indexOf('@{', position)) {
    const end = endOf(source, start + 2);
    parts.push(source.slice(position, start), parseExpression(source.slice(start + 2, end)));
    position = end + 1;
  }
  parts.push(source.slice(position));
  return { kind: 'text', parts: parts.filter((part) => part !== '') };
}

/** Every expression in a value, however deep. @throws {ExpressionSyntaxError} */
export function expressionsIn(value: Json): readonly Expression[] {
  if (typeof value === 'string') {
    const template = parseTemplate(value);
    if (template.kind === 'expression') return [template.expression];
    return template.parts.filter((part) => typeof part !== 'string');
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(expressionsIn);
}

/** The brace that ends an expression: not one inside its texts. */
function endOf(source: string, start: number): number {
  let isInText = false;
  for (let index = start; index < source.length; index++) {
    if (source[index] === "'") isInText = !isInText;
    else if (source[index] === '}' && !isInText) return index;
  }
  throw new ExpressionSyntaxError(`No brace ends ${source.slice(start - 2)}`);
}

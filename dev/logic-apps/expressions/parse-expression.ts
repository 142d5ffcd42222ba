/** Parses the expressions of the Workflow Definition Language: calls, literals and the access of properties and items. */

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'access';
      readonly target: Expression;
      readonly key: Expression;
      /** `?[…]`: null where the target is null or has no such property. */
      readonly isSafe: boolean;
    };

export class ExpressionSyntaxError extends Error {}

const TOKEN =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<number>-?\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*)|(?<mark>\?\[|[()[\],]))/y;
const CONSTANTS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/** @throws {ExpressionSyntaxError} saying where. */
export function parseExpression(source: string): Expression {
  let position = 0;

  function next(): { readonly kind: string; readonly token: string } {
    TOKEN.lastIndex = position;
    const groups = TOKEN.exec(source)?.groups ?? {};
    const [kind, token] = Object.entries(groups).find(([, found]) => found !== undefined) ?? ['end', ''];
    if (kind === 'end' && source.slice(position).trim() !== '') throw unexpected();
    position = kind === 'end' ? source.length : TOKEN.lastIndex;
    return { kind, token };
  }
  function peek(): string {
    const before = position;
    const { token } = next();
    position = before;
    return token;
  }
  function take(token: string): void {
    if (peek() !== token) throw unexpected();
    next();
  }
  const unexpected = () =>
    new ExpressionSyntaxError(`Not understood at character ${position}: ${source.slice(position)}`);

  function expression(): Expression {
    let parsed = primary();
    for (let mark = peek(); mark === '[' || mark === '?['; mark = peek()) {
      next();
      const key = expression();
      take(']');
      parsed = { kind: 'access', target: parsed, key, isSafe: mark === '?[' };
    }
    return parsed;
  }
  function primary(): Expression {
    const { kind, token } = next();
    if (kind === 'text') return { kind: 'literal', value: token.slice(1, -1).replaceAll("''", "'") };
    if (kind === 'number') return { kind: 'literal', value: Number(token) };
    if (kind !== 'name') throw unexpected();
    const constant = CONSTANTS[token];
    if (constant !== undefined) return { kind: 'literal', value: constant };
    take('(');
    const args: Expression[] = [];
    while (peek() !== ')') {
      if (args.length > 0) take(',');
      args.push(expression());
    }
    take(')');
    return { kind: 'call', name: token, args };
  }

  const parsed = expression();
  if (next().kind !== 'end') throw unexpected();
  return parsed;
}

/** The inputs of an HTTP trigger or action with their expressions evaluated. */
import type { HttpInputs } from './definition.ts';
import { evaluateValue } from './expressions/evaluate.ts';
import { type ExpressionContext, InvalidTemplate } from './expressions/functions.ts';
import { isObject, type Value } from './expressions/value.ts';
import type { HttpCall } from './http-action.ts';

/** @throws {InvalidTemplate} */
export async function httpCallOf(inputs: HttpInputs, context: ExpressionContext): Promise<HttpCall> {
  const { method, uri, headers = {}, body = null, authentication } = inputs;
  return {
    method,
    url: String(await evaluateValue(uri, context)),
    headers: texts(await evaluateValue(headers, context)),
    body: await evaluateValue(body, context),
    audience: authentication?.audience,
  };
}

/** @throws {InvalidTemplate} for a header without a text. */
export function texts(headers: Value): Readonly<Record<string, string>> {
  if (!isObject(headers)) throw new InvalidTemplate('Headers are an object.');
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') throw new InvalidTemplate(`The header ${name} is no text.`);
  }
  return headers as Readonly<Record<string, string>>;
}

/** Query parameters of the contract: one value each, of a known set. */
import { HttpRefusal } from './problem.ts';

/** Undefined where the parameter is absent. Throws HttpRefusal (`query-invalid`) for any other value. */
export function oneOf<T extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  const match = allowed.find((candidate) => candidate === value);
  if (match === undefined || query.getAll(name).length > 1) {
    throw queryInvalid(name, `must be one of ${allowed.join(', ')}`);
  }
  return match;
}

/** A whole number within bounds; `fallback` where absent. Throws HttpRefusal (`query-invalid`). */
export function wholeNumber<Fallback>(
  query: URLSearchParams,
  name: string,
  { fallback, least, most }: { fallback: Fallback; least: number; most: number },
): number | Fallback {
  const value = query.get(name);
  if (value === null) return fallback;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= most) || query.getAll(name).length > 1)
    throw queryInvalid(name, `must be a whole number from ${least} to ${most}`);
  return number;
}

export function queryInvalid(name: string, wants: string): HttpRefusal {
  const detail = `The query parameter '${name}' ${wants}.`;
  return new HttpRefusal('query-invalid', detail, { violations: [{ pointer: `/${name}`, detail: wants }] });
}

/** Reads and validates a JSON request: at acceptance, so that a bad one is refused, and again before each attempt. */
import type { z } from 'zod';
import { Refusal, type Violation } from './errors.ts';

/** Joins the chunks of a stream. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** Throws Refusal: `request-malformed` where it is no JSON text, `request-invalid` against the schema. */
export async function parseJsonRequest(bytes: Uint8Array, schema: z.ZodType): Promise<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal('request-malformed', `The body is not a JSON text in UTF-8: ${why}`, { cause: error });
  }
  const parsed = await schema.safeParseAsync(value).catch((error: unknown) => {
    // The stack holds neither the issues of a hundred thousand faults nor a value nested so deep in a schema that names itself.
    if (error instanceof RangeError) throw invalid('in more places, or deeper, than can be told');
    throw error;
  });
  if (parsed.success) return parsed.data;
  throw invalid('', violationsOf(parsed.error));
}

function invalid(where: string, violations: readonly Violation[] = []): Refusal {
  const detail = `The body does not match the schema of the operation${where && `, ${where}`}.`;
  return new Refusal('request-invalid', detail, { violations });
}

/** A request of many faults, or with one that quotes all of it, is not to be answered at its own length. */
const MOST_VIOLATIONS = 100;
const MOST_DETAIL_CHARACTERS = 300;

/** The first issues of a failed validation, each with a JSON Pointer (RFC 6901) to the offending value. */
export function violationsOf(error: z.ZodError): Violation[] {
  return error.issues.slice(0, MOST_VIOLATIONS).map(({ path, message }) => ({
    pointer: path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    detail:
      message.length > MOST_DETAIL_CHARACTERS ? `${message.slice(0, MOST_DETAIL_CHARACTERS)}…` : message,
  }));
}

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
  const parsed = await schema.safeParseAsync(value);
  if (parsed.success) return parsed.data;
  throw new Refusal('request-invalid', 'The body does not match the schema of the operation.', {
    violations: violationsOf(parsed.error),
  });
}

/** The issues of a failed validation, each with a JSON Pointer (RFC 6901) to the offending value. */
export function violationsOf(error: z.ZodError): Violation[] {
  return error.issues.map(({ path, message }) => ({
    pointer: path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    detail: message,
  }));
}

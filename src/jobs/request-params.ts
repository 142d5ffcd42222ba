/** The query parameters of an operation: chosen by its schema, kept as they were sent, parsed again by each attempt. */
import type { Operation } from '../operations/operation.ts';
import { Refusal } from './errors.ts';
import type { Params } from './job.ts';
import { violationsOf } from './json-request.ts';

/** They travel in the blob's metadata, which is ASCII and 8 KiB in all. */
const MOST_BYTES = 2048;

/**
 * Keeps the parameters that the operation's schema names; a gateway's own or a key in the query never reaches storage.
 * Throws Refusal: `parameters-invalid`.
 */
export async function chooseParams(operation: Operation, query: URLSearchParams): Promise<Params> {
  const chosen: Record<string, string | string[]> = {};
  for (const name of Object.keys(operation.params?.shape ?? {})) {
    const [first, ...others] = query.getAll(name);
    if (first !== undefined) chosen[name] = others.length === 0 ? first : [first, ...others];
  }
  await parseParams(operation, chosen);
  if (encodedBytes(chosen) > MOST_BYTES) {
    throw new Refusal('parameters-invalid', `The query parameters exceed ${MOST_BYTES} bytes.`);
  }
  return chosen;
}

/** Throws Refusal: `parameters-invalid`. */
export async function parseParams(operation: Operation, params: Params): Promise<Record<string, unknown>> {
  if (operation.params === undefined) return {};
  const parsed = await operation.params.safeParseAsync(params);
  if (parsed.success) return parsed.data;
  throw new Refusal('parameters-invalid', 'The query parameters do not match the schema of the operation.', {
    violations: violationsOf(parsed.error),
  });
}

/** Length as JSON in ASCII, where every other character is an escape of six bytes. */
function encodedBytes(params: Params): number {
  const text = JSON.stringify(params);
  return text.length + 5 * (text.match(/[\u007f-\uffff]/g)?.length ?? 0);
}

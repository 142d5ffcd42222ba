/** A job's request as its operation declares it: validated JSON, or a stream. */
import type { Accepts, Operation, RequestOf } from '../operations/operation.ts';
import { acceptedAs } from './content-type.ts';
import { collect, parseJsonRequest } from './json-request.ts';
import type { Taken } from './ports.ts';
import { type RequestContentDependencies, requestContent } from './request-content.ts';

/**
 * Throws Refusal where a later version of the operation no longer takes it, or its upload is no longer what it was. The
 * signal destroys the stream.
 */
export async function openRequest(
  dependencies: RequestContentDependencies,
  operation: Operation,
  taken: Taken,
  signal: AbortSignal,
): Promise<RequestOf<Accepts>> {
  const { contentTypeHeader, sizeBytes, content } = await requestContent(dependencies, taken, signal);
  const { contentType, schema } = acceptedAs(operation, contentTypeHeader);
  const body = schema === undefined ? content : await parseJsonRequest(await collect(content), schema);
  return { contentType, contentTypeHeader, sizeBytes, body } as RequestOf<Accepts>;
}

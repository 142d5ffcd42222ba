/** A job's request as its operation declares it: validated JSON, or a stream. */
import type { Accepts, Operation, RequestOf } from '../operations/operation.ts';
import { acceptedAs } from './content-type.ts';
import { collect, parseJsonRequest } from './json-request.ts';
import type { JobStore, Taken } from './ports.ts';
import { requestContent } from './request-content.ts';

/** Throws Refusal where a later version of the operation no longer takes it. The signal destroys the stream. */
export async function openRequest(
  store: Pick<JobStore, 'takeRange'>,
  operation: Operation,
  taken: Taken,
  signal: AbortSignal,
): Promise<RequestOf<Accepts>> {
  const { contentType: contentTypeHeader, sizeBytes } = taken.job;
  const { contentType, schema } = acceptedAs(operation, contentTypeHeader);
  const content = requestContent(store, taken, signal);
  const body = schema === undefined ? content : await parseJsonRequest(await collect(content), schema);
  return { contentType, contentTypeHeader, sizeBytes, body } as RequestOf<Accepts>;
}

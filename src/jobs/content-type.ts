/** Which of an operation's content types a request has. */
import { type Accepts, type Operation, stream } from '../operations/operation.ts';
import { Refusal } from './errors.ts';

/** A content type the operation takes: JSON against a schema, or bytes as they come. */
export interface Accepted {
  /** The key of `accepts`. */
  readonly contentType: string;
  /** Undefined for a stream. */
  readonly schema: Exclude<Accepts[string], typeof stream> | undefined;
}

/**
 * Matches a `Content-Type` header by type and subtype; parameters are the operation's affair, save a charset of JSON.
 * Throws Refusal: `content-type-unsupported`.
 */
export function acceptedAs(operation: Operation, header: string | undefined): Accepted {
  const [essence = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim());
  const contentType = essence.toLowerCase();
  const accepts = Object.hasOwn(operation.accepts, contentType) ? operation.accepts[contentType] : undefined;
  if (accepts === undefined)
    throw unsupported(operation, header ? `not ${essence}` : 'and the request names no type');
  if (accepts === stream) return { contentType, schema: undefined };
  const charset = parameters.find((parameter) => /^charset\s*=/i.test(parameter));
  if (charset !== undefined && !/=\s*"?utf-?8"?$/i.test(charset))
    throw unsupported(operation, `with ${charset}`);
  return { contentType, schema: accepts };
}

function unsupported(operation: Operation, got: string): Refusal {
  const accepts = Object.keys(operation.accepts);
  return new Refusal('content-type-unsupported', `The operation takes ${accepts.join(' or ')}, ${got}.`, {
    accepts,
  });
}

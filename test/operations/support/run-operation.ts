/** Runs an operation as a worker does, without a worker: request and params are validated, then handed over. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Reply, RunContext, RunOperation } from '../../../src/operations/operation.ts';
import { stream } from '../../../src/operations/operation.ts';

export interface Run extends Partial<Pick<RunContext, 'attempt' | 'signal' | 'progress' | 'log'>> {
  /** Default: the only one that the operation accepts. */
  readonly contentType?: string;
  /** What is sent: any value where the operation has a schema, else text or bytes. */
  readonly body: unknown;
  /** Query parameters, as they are sent. */
  readonly params?: Readonly<Record<string, string | readonly string[]>>;
}

/** @throws what the operation throws, and zod's error for what it does not take. */
export async function runOperation(
  operation: RunOperation,
  { contentType, body, params, ...given }: Run,
): Promise<Reply> {
  const [accepted = ''] = contentType === undefined ? Object.keys(operation.accepts) : [contentType];
  const schema = operation.accepts[accepted];
  if (schema === undefined) throw new Error(`${operation.name} does not accept ${accepted}.`);
  const bytes = Buffer.from(schema === stream ? (body as string | Uint8Array) : JSON.stringify(body));
  return await operation.run({
    request: {
      contentType: accepted,
      contentTypeHeader: accepted,
      sizeBytes: bytes.length,
      body: schema === stream ? Readable.from([bytes]) : schema.parse(body),
    } as RunContext['request'],
    params: operation.params?.parse(params ?? {}) ?? {},
    ref: 'ref',
    attempt: 1,
    signal: new AbortController().signal,
    progress: () => {},
    log: () => {},
    ...given,
  });
}

/** The content of a reply, read to its end; JSON as its client gets it. */
export async function contentOf(reply: Reply): Promise<string> {
  if ('json' in reply) return JSON.stringify(reply.json);
  if ('text' in reply) return reply.text;
  if ('bytes' in reply) return Buffer.from(reply.bytes).toString();
  return await text(Readable.from(reply.stream, { objectMode: false }));
}

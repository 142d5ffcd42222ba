/** The operation of these tests: its reply names its attempt and the digest of its request, so a reply of another's making shows. */
import { createHash } from 'node:crypto';
import type { Registry } from '../../../src/jobs/ports.ts';
import { registryOf } from '../../../src/jobs/registry.ts';
import {
  type OperationDefinition,
  operation,
  type Reply,
  type RunContext,
  stream,
} from '../../../src/operations/operation.ts';
import { workflow } from '../../../src/operations/workflow.ts';

export const OPERATION = 'work';

const accepts = { 'text/plain': stream } as const;

export type WorkContext = RunContext<typeof accepts, Record<string, never>>;
export type Work = (context: WorkContext) => Promise<Reply> | Reply;

export interface Content {
  readonly contentType: string;
  readonly content: Buffer;
}

export const REQUEST: Content = { contentType: 'text/plain', content: Buffer.from('the request') };

/** The reply that {@link work} makes in an attempt. */
export function replyOf(attempt: number, request = REQUEST): Content {
  return {
    contentType: 'application/json',
    content: Buffer.from(
      JSON.stringify({ attempt, request: createHash('sha256').update(request.content).digest('hex') }),
    ),
  };
}

/** Reads the request and replies. */
export async function work({ request, attempt }: WorkContext): Promise<Reply> {
  const hash = createHash('sha256');
  for await (const chunk of request.body) hash.update(chunk);
  return { json: { attempt, request: hash.digest('hex') } };
}

/** The registry of an app that offers a workflow of this name alone, which does nothing and replies. */
export function workflowRegistry(): Registry {
  const nothing = workflow({
    name: OPERATION,
    summary: 'Replies.',
    accepts,
    activities: {},
    *orchestrate() {},
    reply: (_, { attempt }): Reply => ({ json: { attempt } }),
  });
  return registryOf([nothing], undefined);
}

/** The registry of an app that offers this operation alone. */
export function registryFor(
  run: Work = work,
  more: Partial<OperationDefinition<typeof accepts, never>> = {},
): Registry {
  return registryOf(
    [
      operation({
        name: OPERATION,
        summary: 'Works as the test says.',
        accepts,
        retry: { maxAttempts: 3 },
        run: run as Work,
        ...more,
      }),
    ],
    undefined,
  );
}

/** Workflows on loopback for the tests of infra/logic-apps, and the callers that they are for. */
import { afterAll } from '@jest/globals';
import { startClock } from '../../dev/logic-apps/clock.ts';
import type { WorkflowDefinition } from '../../dev/logic-apps/definition.ts';
import type { Identity } from '../../dev/logic-apps/http-action.ts';
import { readDefinition } from '../../dev/logic-apps/read-definition.ts';
import { startWorkflow, type Workflow } from '../../dev/logic-apps/start-workflow.ts';
import { UnknownBehaviour } from '../../dev/logic-apps/unknown-behaviour.ts';

export const definitionFiles = {
  synchronousFacade: 'infra/logic-apps/synchronous-facade/workflow.json',
  asynchronousFacade: 'infra/logic-apps/asynchronous-facade/workflow.json',
  submit: 'infra/logic-apps/logic-apps-alone/submit.workflow.json',
  worker: 'infra/logic-apps/logic-apps-alone/worker.workflow.json',
  status: 'infra/logic-apps/logic-apps-alone/status.workflow.json',
};

/** A second's Retry-After is a fifth of one; a limit of minutes is reached by `advance`. */
export const clock = startClock(5);

const noIdentity: Identity = (_, audience) => {
  throw new UnknownBehaviour(`an identity for ${audience}`);
};

const started: Workflow[] = [];
afterAll(async () => {
  for (const workflow of started) await workflow.stop();
});

/** Ends with the test file, which fails where a run met something the interpreter does not know. */
export async function workflow(
  definition: string | WorkflowDefinition,
  parameters: Readonly<Record<string, string>>,
  identity: Identity = noIdentity,
): Promise<Workflow> {
  const read = typeof definition === 'string' ? readDefinition(definition) : definition;
  const running = await startWorkflow({ definition: read, parameters, clock, identity });
  started.push(running);
  return running;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly json: () => Record<string, unknown>;
}

/** One call as a legacy client makes it: no redirects, no polling. */
export async function call(
  url: string,
  method = 'GET',
  body?: string | Uint8Array,
  contentType?: string,
): Promise<PlainAnswer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    ...(body !== undefined && { body }),
    ...(contentType !== undefined && { headers: { 'content-type': contentType } }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    json: () => JSON.parse(bytes.toString()),
  };
}

export const post = (url: string, body: unknown) =>
  call(url, 'POST', JSON.stringify(body), 'application/json');

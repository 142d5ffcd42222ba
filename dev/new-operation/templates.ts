/** What `npm run new-operation` writes: a small operation that works, of either kind, and its test over HTTP. */

export interface OperationNames {
  /** As in `POST /api/operations/{name}`. */
  readonly name: string;
  /** The same as an identifier. */
  readonly identifier: string;
}

export interface OperationFiles {
  readonly source: string;
  readonly test: string;
}

const requestSchema = `z.strictObject({
      items: z
        .array(z.string())
        .min(1)
        .max(1000)
        .meta({ description: 'What to work on', examples: [['one', 'two', 'three']] }),
    })`;

/** The request that the tests send, and that a first \`curl\` may. */
export const EXAMPLE_REQUEST = '{"items":["one","two","three"]}';

/** An operation that runs in the worker. */
export function runFiles({ name, identifier }: OperationNames): OperationFiles {
  const source = `/** ${name}: measures each item of a request; an example, to put your own work in its place. */
import * as z from 'zod';
import { operation } from './operation.ts';

export const ${identifier} = operation({
  name: '${name}',
  summary: 'Measures each item, one after the other.',
  accepts: {
    'application/json': ${requestSchema},
  },
  async run({ request, signal, progress }) {
    const { items } = request.body;
    const lengths: number[] = [];
    for (const item of items) {
      signal.throwIfAborted();
      lengths.push(item.length);
      progress((100 * lengths.length) / items.length, \`\${lengths.length} of \${items.length}\`);
    }
    return { json: { lengths } };
  },
});
`;
  return { source, test: testOf(name, '') };
}

/** A workflow with an activity for each item. */
export function workflowFiles({ name, identifier }: OperationNames): OperationFiles {
  const source = `/** ${name}: measures each item of a request in an activity; an example, to put your own work in its place. */
import * as z from 'zod';
import { workflow } from './workflow.ts';

/** Activities of one job that run at a time. */
const AT_ONCE = 8;

export const ${identifier} = workflow({
  name: '${name}',
  summary: 'Measures each item, several at once.',
  accepts: {
    'application/json': ${requestSchema},
  },
  activities: {
    read: async (_input: undefined, { request }) => (await request()).body.items,
    measure: async (item: string) => item.length,
  },
  *orchestrate({ call, all, progress }) {
    const items = yield* call.read(undefined);
    progress(10, \`measuring \${items.length}\`);
    return yield* all(
      items.map((item) => call.measure(item)),
      { atOnce: AT_ONCE },
    );
  },
  reply: async (lengths) => ({ json: { lengths } }),
});
`;
  return { source, test: testOf(name, ', activity by activity') };
}

/** What the engine's history may hold of the workflow, for test/operations/replay-safety.test.ts. */
export function workflowPlay({ name }: OperationNames): string {
  return `  '${name}': [{ answerCall: ({ activity }) => (activity === 'read' ? ['one', 'two'] : 3) }],\n`;
}

function testOf(name: string, how: string): string {
  return `/** ${name} over HTTP, as its clients meet it. */
import { expect, test } from '@jest/globals';
import { ask, post, problemOf, startedBy, untilEnded } from '../contract/api.ts';
import { useFunctionApp } from '../support/function-app.ts';

const app = useFunctionApp();

test('measures the items${how}', async () => {
  const job = startedBy(await post(app(), '${name}', '${EXAMPLE_REQUEST}'));
  expect((await untilEnded(app(), job)).status).toBe('Succeeded');
  const reply = await ask(app(), 'GET', \`\${job.location}?reply=stream\`);
  expect(JSON.parse(reply.text)).toEqual({ lengths: [3, 3, 5] });
});

test('refuses a request without items', async () => {
  problemOf(await post(app(), '${name}', '{"items":[]}'), 400, 'request-invalid');
});
`;
}

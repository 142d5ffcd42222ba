/** One job's trace as a collector gets it, from its client to its reply, across a retry and a worker that was killed. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LEASE_SECONDS } from '../../src/jobs/job.ts';
import { attributes, metrics } from '../../src/telemetry/catalogue.ts';
import { JSON_TYPE, post } from '../contract/api.ts';
import { startTestAzurite, type TestAzurite } from '../support/azurite.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { type Collector, type SeenSpan, startCollector } from './collector.ts';
import { type ClientSpan, drawTree, missingParents } from './trace-tree.ts';

/** The killed worker's message stays hidden for longer than its lease lasts: it is the client's poll that recovers the job. */
const HIDDEN = { AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:02:00' };
/** Longer than what is to be seen of the attempt before takes on its way. */
const ATTEMPT_SECONDS = 4;

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const traceId = hex(16);
const client: ClientSpan = { spanId: hex(8), parentId: undefined, name: 'a client wants its reply' };
const TRACED = { traceparent: `00-${traceId}-${client.spanId}-01`, tracestate: 'vendor=1' };

const workflowTraceId = hex(16);
const WORKFLOW_TRACED = { traceparent: `00-${workflowTraceId}-${hex(8)}-01` };

let azurite: TestAzurite;
let collector: Collector;
let app: FunctionApp;
let id: string;
let ref: string;
let spans: readonly SeenSpan[];

beforeAll(async () => {
  [azurite, collector] = await Promise.all([startTestAzurite(), startCollector()]);
  app = await startFunctionApp({
    connectionString: azurite.connectionString,
    settings: { ...HIDDEN, ...collector.settings },
  });

  const request = { seconds: ATTEMPT_SECONDS, outcome: 'throw', succeedOnAttempt: 3 };
  const accepted = await post(app, 'delay', JSON.stringify(request), { ...JSON_TYPE, ...TRACED });
  ({ id, ref } = JSON.parse(accepted.text));
  await app.logged(/^attempt failed .*"attempt":1/);
  // The back-off.
  await azurite.advance(5);
  await app.logged(/^attempt started .*"attempt":2/);
  await collector.until(
    () => collector.spans.some(({ name }) => name === DELIVERY) && lineOf('attempt failed') !== undefined,
  );
  process.kill(app.host.workerPid, 'SIGKILL');
  await app.logged(/^Worker process ended/);
  await azurite.advance(LEASE_SECONDS + 1);
  expect((await get(`/api/jobs/${id}`)).status).toBe(202);
  await app.logged(/^job succeeded /);
  expect(await (await get(`/api/jobs/${id}?reply=stream`)).json()).toMatchObject({ attempt: 3 });
  const workflow = await post(app, 'delay-workflow', '{"seconds":0}', { ...JSON_TYPE, ...WORKFLOW_TRACED });
  const { ref: workflowRef } = JSON.parse(workflow.text);
  await app.logged(new RegExp(`^job succeeded .*${workflowRef}`));
  // SIGTERM: what was not sent yet is sent before the end.
  await app.host.stop();
  spans = collector.spans.filter((span) => span.traceId === traceId);
}, 60_000);
afterAll(async () => {
  await app?.stop();
  await collector?.stop();
  await azurite?.stop();
});

const get = (path: string) => fetch(new URL(path, app.url), { headers: TRACED });
const lineOf = (event: string) => collector.records.find(({ body }) => body.startsWith(event));
const named = (name: string) => spans.filter((span) => span.name === name);
const childrenOf = ({ spanId }: { spanId: string }) =>
  spans.filter(({ parentId }) => parentId === spanId).map(({ name }) => name);
const one = (name: string, attempt?: number): SeenSpan => {
  const found = named(name).filter((span) => !attempt || span.attributes[attributes.attempt] === attempt);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} spans ${name}:\n${drawTree([client, ...spans])}`);
  return found[0];
};
const START = 'POST /api/operations/{operation}';
const DELIVERY = 'process job-requests';
const POLL = 'GET /api/jobs/{id}';

test('the trace, drawn', () => {
  const drawn = drawTree([client, ...spans]);
  process.stdout.write(`${drawn}\n`);
  expect(drawn).toMatch(/^a client wants its reply\n {2}POST/);
});

test('the client is the parent of its requests, and of nothing else', () => {
  expect(childrenOf(client).toSorted()).toEqual([POLL, POLL, START]);
});

test('the request that started the job is the parent of its attempts, whoever put their messages', () => {
  const start = one(START);
  expect(start.attributes).toMatchObject({ 'http.response.status_code': 202, [attributes.ref]: ref });
  expect(childrenOf(start)).toEqual(expect.arrayContaining(['Put Blob', 'Put Message', DELIVERY, DELIVERY]));
  expect(named(DELIVERY).every(({ parentId }) => parentId === start.spanId)).toBe(true);
});

test('an attempt has its outcome, and its calls of storage below it', () => {
  const first = one(DELIVERY, 1);
  expect(first.attributes).toMatchObject({
    [attributes.ref]: ref,
    [attributes.operation]: 'delay',
    [attributes.outcome]: 'tried_again',
  });
  expect(childrenOf(first)).toEqual(
    expect.arrayContaining([
      'Get Blob',
      'Acquire Lease',
      'Set Blob Metadata',
      'Release Lease',
      'Put Message',
    ]),
  );
  const last = one(DELIVERY, 3);
  expect(last.attributes).toMatchObject({ [attributes.outcome]: 'succeeded' });
  expect(childrenOf(last)).toEqual(expect.arrayContaining(['Get Blob', 'Acquire Lease', 'Put Blob']));
});

test('of the attempt that was killed there is at most what was sent before: calls of storage without their parent', () => {
  const lost = missingParents([client, ...spans]);
  expect(lost.length).toBeLessThanOrEqual(1);
  expect(named(DELIVERY).map((span) => span.attributes[attributes.attempt])).not.toContain(2);
});

test('the poll that recovered the job says so below itself, and the reply is the end', () => {
  const [poll, reply] = named(POLL).toSorted((a, b) => Number(a.startNs - b.startNs));
  expect(childrenOf(poll as SeenSpan)).toEqual(
    expect.arrayContaining(['Get Blob Properties', 'Set Blob Metadata', 'Put Message']),
  );
  expect(childrenOf(reply as SeenSpan)).toEqual(['Get Blob Properties', 'Get Blob']);
});

test("a workflow's activities are siblings of the delivery that handed it to the engine", () => {
  const ofWorkflow = collector.spans.filter((span) => span.traceId === workflowTraceId);
  const start = ofWorkflow.find(({ name }) => name === START);
  const siblings = ofWorkflow.filter(({ parentId }) => parentId === start?.spanId).map(({ name }) => name);
  expect(siblings).toEqual(expect.arrayContaining([DELIVERY, 'delay-workflow-reply']));
  const reply = ofWorkflow.find(({ name }) => name === 'delay-workflow-reply');
  expect(ofWorkflow.filter(({ parentId }) => parentId === reply?.spanId).map(({ name }) => name)).toContain(
    'Put Blob',
  );
});

test("a line of the log belongs to its attempt's span", () => {
  expect(lineOf('attempt failed')).toMatchObject({ traceId, spanId: one(DELIVERY, 1).spanId });
});

test('Application Insights gets the same trace, by the same parents', () => {
  const links = collector.envelopes
    .filter(({ tags, data }) => tags['ai.operation.id'] === traceId && data.baseData.id !== undefined)
    .map(({ tags, data }) => [data.baseData.id, tags['ai.operation.parentId'], data.baseData.name]);
  expect(links.toSorted()).toEqual(
    spans.map(({ spanId, parentId, name }) => [spanId, parentId, name]).toSorted(),
  );
});

describe('metrics', () => {
  const DELAY = { [attributes.operation]: 'delay', [attributes.lane]: 'common' };
  const total = (name: string, told: Readonly<Record<string, string>>) =>
    collector.points
      .filter((point) => point.name === name)
      .filter(({ attributes: said }) => Object.entries(told).every(([key, value]) => said[key] === value))
      .reduce((sum, { value }) => sum + value, 0);

  test.each<[keyof typeof metrics, string | undefined, number]>([
    ['jobsEnded', 'succeeded', 1],
    ['jobDuration', 'succeeded', 1],
    ['attemptsEnded', 'succeeded', 1],
    ['attemptsEnded', 'lost', 1],
    ['jobsRecovered', 'next_attempt', 1],
  ])('%s, %s', (key, outcome, count) => {
    const told = outcome === undefined ? {} : { [attributes.outcome]: outcome };
    expect(total(metrics[key].name, { ...DELAY, ...told })).toBe(count);
  });

  test('have no other attribute than the catalogue says', () => {
    const known: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
      Object.values(metrics).map((metric) => [
        metric.name,
        metric.attributes.map((name) => attributes[name]).toSorted(),
      ]),
    );
    expect(collector.points).not.toEqual([]);
    for (const { name, attributes: told } of collector.points) {
      expect([name, Object.keys(told).toSorted()]).toEqual([name, known[name]]);
    }
  });
});

test('nothing that is sent has an id, a SAS or a key in it', () => {
  expect(collector.text).toContain(ref);
  expect(collector.text).not.toContain(id);
  expect(collector.text).not.toMatch(/[?&]sig=|AccountKey|x-functions-key/i);
});

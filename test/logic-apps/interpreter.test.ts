/** The interpreter by itself: each documented behaviour that the workflows rest on, and an end to all it does not know. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type MovableClock, startClock } from '../../dev/logic-apps/clock.ts';
import type { Actions, Json, WorkflowDefinition } from '../../dev/logic-apps/definition.ts';
import { evaluateValue } from '../../dev/logic-apps/expressions/evaluate.ts';
import { type ActionResult, InvalidTemplate } from '../../dev/logic-apps/expressions/functions.ts';
import { HeaderValues } from '../../dev/logic-apps/expressions/value.ts';
import { type HttpCall, type HttpEnvironment, runHttpAction } from '../../dev/logic-apps/http-action.ts';
import { runActions } from '../../dev/logic-apps/run-actions.ts';
import { startWorkflow } from '../../dev/logic-apps/start-workflow.ts';
import { UnknownBehaviour } from '../../dev/logic-apps/unknown-behaviour.ts';
import { eventually } from '../support/eventually.ts';
import { call } from './workflows.ts';

interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Turn = (response: ServerResponse, origin: string) => void;

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A server that answers its requests in turn. */
async function serve(...turns: readonly Turn[]): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const left = [...turns];
  server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    seen.push({ method, path, headers, body: await text(request) });
    left.shift()?.(response, url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen };
}

const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Turn =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** A clock on which only the test moves time, and that tells what is waited for. */
function stoppedClock() {
  const stopped = startClock(1e-9);
  const waits = new Set<number>();
  const clock: MovableClock = {
    ...stopped,
    hasPassed(seconds, signal) {
      waits.add(seconds);
      return stopped.hasPassed(seconds, signal);
    },
  };
  return {
    environment: { clock, identity: (url: URL) => url } satisfies HttpEnvironment,
    /** Moves time once somebody waits for so many seconds. */
    async pass(seconds: number) {
      await eventually(() => waits.has(seconds));
      waits.delete(seconds);
      stopped.advance(seconds);
    },
  };
}

const request = (url: string, more: Partial<HttpCall> = {}): HttpCall => ({
  method: 'POST',
  url,
  headers: {},
  body: null,
  audience: undefined,
  ...more,
});

const NO_RETRY = { type: 'none' } as const;

describe('the HTTP action', () => {
  test('asks where Location says, when Retry-After says, by GET, with nothing of the first request', async () => {
    const { environment, pass } = stoppedClock();
    const { url, seen } = await serve(
      answer(202, { location: '/first', 'retry-after': '30', 'set-cookie': 'a=b' }),
      answer(202, { location: '/second', 'retry-after': '60' }),
      answer(200, { 'content-type': 'application/json' }, '{"done":true}'),
    );
    const run = runHttpAction(
      {},
      NO_RETRY,
      request(`${url}/start`, { headers: { 'x-functions-key': 'secret' }, body: { a: 1 } }),
      environment,
    );
    await pass(30);
    await pass(60);
    expect(await run).toMatchObject({
      status: 'Succeeded',
      outputs: { statusCode: 200, body: { done: true } },
    });
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /start',
      'GET /first',
      'GET /second',
    ]);
    for (const { headers, body } of seen.slice(1)) {
      expect(headers).not.toHaveProperty('x-functions-key');
      expect(headers).not.toHaveProperty('cookie');
      expect(body).toBe('');
    }
  });

  test('without Retry-After it asks after 20 s', async () => {
    const { environment, pass } = stoppedClock();
    const { url, seen } = await serve(answer(202, { location: '/later' }), answer(204));
    const run = runHttpAction({}, NO_RETRY, request(url), environment);
    await pass(20);
    expect((await run).status).toBe('Succeeded');
    expect(seen).toHaveLength(2);
  });

  test('DisableAsyncPattern: 202 is the answer, its headers at hand whatever their case', async () => {
    const { url, seen } = await serve(answer(202, { location: '/later' }));
    const { environment } = stoppedClock();
    const { outputs } = await runHttpAction(
      { operationOptions: 'DisableAsyncPattern' },
      NO_RETRY,
      request(url),
      environment,
    );
    expect((outputs as { headers: HeaderValues }).headers.get('LOCATION')).toBe('/later');
    expect(seen).toHaveLength(1);
  });

  test('limit.timeout over all polls: TimedOut', async () => {
    const { environment, pass } = stoppedClock();
    const pending = answer(202, { location: '/', 'retry-after': '10' });
    const { url } = await serve(pending, pending, pending);
    const run = runHttpAction({ limit: { timeout: 'PT1M30S' } }, NO_RETRY, request(url), environment);
    await pass(10);
    await pass(10);
    await pass(90);
    expect(await run).toEqual({ status: 'TimedOut', code: 'ActionTimedOut', outputs: null });
  });

  test('a single request lasts two minutes at most', async () => {
    const { environment, pass } = stoppedClock();
    const { url } = await serve(() => {});
    const run = runHttpAction({}, NO_RETRY, request(url), environment);
    await pass(120);
    expect(await run).toEqual({ status: 'Failed', outputs: null });
  });

  test.each([408, 429, 500, 503])('%i is repeated by the policy, then it is the answer', async (status) => {
    const { url, seen } = await serve(answer(status), answer(status), answer(status));
    const environment = { ...stoppedClock().environment, clock: startClock(10_000) };
    const policy = { type: 'fixed', interval: 'PT5S', count: 2 } as const;
    const result = await runHttpAction({}, policy, request(url, { body: 'again' }), environment);
    expect(result).toMatchObject({ status: 'Failed', outputs: { statusCode: status } });
    expect(seen.map(({ body }) => body)).toEqual(['again', 'again', 'again']);
  });

  test.each([400, 404, 409, 412])('%i is not', async (status) => {
    const { url, seen } = await serve(answer(status));
    const result = await runHttpAction({}, undefined, request(url), stoppedClock().environment);
    expect(result).toMatchObject({ status: 'Failed', outputs: { statusCode: status } });
    expect(seen).toHaveLength(1);
  });

  test('without a policy four times', async () => {
    const { url, seen } = await serve(...Array.from({ length: 5 }, () => answer(503)));
    const environment = { ...stoppedClock().environment, clock: startClock(100_000) };
    await runHttpAction({}, undefined, request(url), environment);
    expect(seen).toHaveLength(5);
  });

  test('headers that the platform removes do not go out', async () => {
    const { url, seen } = await serve(answer(200));
    const headers = {
      'Accept-Language': 'de',
      Cookie: 'a=b',
      'Content-Language': 'de',
      'Content-Type': 'text/csv',
      'If-Match': '"1"',
    };
    await runHttpAction({}, NO_RETRY, request(url, { headers, body: 'a,b' }), stoppedClock().environment);
    expect(seen[0]?.headers).toMatchObject({ 'content-type': 'text/csv', 'if-match': '"1"' });
    expect(seen[0]?.headers).not.toHaveProperty('cookie');
    expect(seen[0]?.headers).not.toHaveProperty('content-language');
    expect(seen[0]?.headers['accept-language']).not.toBe('de');
  });

  test.each<[string, Turn]>([
    ['a redirect', answer(302, { location: '/elsewhere' })],
    ['202 without a Location', answer(202)],
  ])('%s ends the interpreter', async (_, turn) => {
    const { url } = await serve(turn);
    const run = runHttpAction({}, undefined, request(url), stoppedClock().environment);
    await expect(run).rejects.toThrow(UnknownBehaviour);
  });
});

describe('runAfter', () => {
  const compose = (inputs: Json, runAfter: Actions[string]['runAfter'] = {}): Actions[string] => ({
    type: 'Compose',
    inputs,
    runAfter,
  });
  const FAILS = "@length(json('null'))";

  async function ran(actions: Actions) {
    const results = new Map<string, ActionResult>();
    const scope = { runName: 'run', parameters: {}, triggerOutputs: null, results };
    const environment = { ...stoppedClock().environment, respond: () => true };
    const status = await runActions(actions, scope, environment);
    return {
      status,
      statuses: Object.fromEntries([...results].map(([name, result]) => [name, result.status])),
    };
  }

  test('Succeeded and Failed choose; what is not chosen is Skipped, and what comes after it', async () => {
    const { statuses } = await ran({
      Try: compose(FAILS),
      Then: compose(1, { Try: ['Succeeded'] }),
      After: compose(1, { Then: ['Succeeded'] }),
      Catch: compose(1, { Try: ['Failed', 'TimedOut'] }),
      Always: compose(1, { Then: ['Succeeded', 'Failed', 'Skipped'] }),
    });
    expect(statuses).toEqual({
      Try: 'Failed',
      Then: 'Skipped',
      After: 'Skipped',
      Catch: 'Succeeded',
      Always: 'Succeeded',
    });
  });

  test('a failure that was caught is none; a skipped branch beside the catch brings it back', async () => {
    const caught = { Try: compose(FAILS), Catch: compose(1, { Try: ['Failed'] }) };
    expect((await ran(caught)).status).toBe('Succeeded');
    expect((await ran({ ...caught, Then: compose(1, { Try: ['Succeeded'] }) })).status).toBe('Failed');
    const chained = {
      Try: compose(FAILS),
      Then: compose(1, { Try: ['Succeeded'] }),
      Catch: compose(1, { Then: ['Skipped'] }),
    };
    expect((await ran(chained)).status).toBe('Succeeded');
  });

  test('a block that fails passes it on; the branch that is not taken is Skipped to its leaves', async () => {
    const { status, statuses } = await ran({
      Choose: {
        type: 'If',
        expression: { or: [{ equals: [1, 2] }, { and: [{ equals: ['@true', true] }] }] },
        actions: { Inner: { type: 'Scope', actions: { Bad: compose(FAILS) }, runAfter: {} } },
        else: { actions: { Other: { type: 'Scope', actions: { Deep: compose(1) }, runAfter: {} } } },
        runAfter: {},
      },
    });
    expect(status).toBe('Failed');
    expect(statuses).toEqual({
      Choose: 'Failed',
      Inner: 'Failed',
      Bad: 'Failed',
      Other: 'Skipped',
      Deep: 'Skipped',
    });
  });

  test('turns of a loop do not see each other', async () => {
    const { status } = await ran({
      Each: {
        type: 'Foreach',
        foreach: "@json('[1, null, 3]')",
        actions: {
          Item: compose("@items('Each')"),
          Fails: compose("@string(coalesce(outputs('Item'), 0))", { Item: ['Succeeded'] }),
        },
        runAfter: {},
      },
    });
    expect(status).toBe('Succeeded');
  });
});

describe('the Request trigger', () => {
  const definition = (actions: Actions): WorkflowDefinition => ({
    parameters: {},
    triggers: { Request: { type: 'Request', inputs: { method: 'POST' } } },
    actions,
  });
  const response = (statusCode: Json, runAfter = {}): Actions[string] => ({
    type: 'Response',
    inputs: { statusCode, headers: { 'Set-Cookie': 'a=b', 'X-Kept': 'yes' }, body: { is: 'json' } },
    runAfter,
  });
  const start = (actions: Actions, environment = stoppedClock().environment) =>
    startWorkflow({ definition: definition(actions), parameters: {}, ...environment });

  test('an answer keeps its headers, but for those that the platform removes', async () => {
    const workflow = await start({ Answer: response(201) });
    const { status, headers, json } = await call(workflow.callbackUrl, 'POST', '{}', 'application/json');
    expect([status, headers.get('x-kept'), headers.get('set-cookie')]).toEqual([201, 'yes', null]);
    expect(json()).toEqual({ is: 'json' });
    await workflow.stop();
  });

  test('no Response within two minutes: 504; none at all: 502', async () => {
    const { environment, pass } = stoppedClock();
    const { url, seen } = await serve(() => {});
    const slow: Actions[string] = {
      type: 'Http',
      inputs: { method: 'GET', uri: url, retryPolicy: NO_RETRY },
      runAfter: {},
    };
    const workflow = await start({ Slow: slow, Answer: response(200, { Slow: ['Succeeded'] }) }, environment);
    const asked = call(workflow.callbackUrl, 'POST');
    await eventually(() => seen.length === 1);
    await pass(120);
    expect((await asked).status).toBe(504);
    server?.closeAllConnections();
    await workflow.stop();

    const silent = await start({
      Answer: response(200, { Nothing: ['Failed'] }),
      Nothing: { type: 'Compose', inputs: 1, runAfter: {} },
    });
    expect((await call(silent.callbackUrl, 'POST')).status).toBe(502);
    await silent.stop();
  });

  test('another method, another path: 404; another signature: 401', async () => {
    const workflow = await start({ Answer: response(200) });
    expect((await call(workflow.callbackUrl, 'GET')).status).toBe(404);
    expect((await call(workflow.callbackUrl.replace('invoke', 'other'), 'POST')).status).toBe(404);
    expect((await call(workflow.callbackUrl.replace(/sig=.*/, 'sig=x'), 'POST')).status).toBe(401);
    await workflow.stop();
  });

  test('what the interpreter does not know is heard at the end', async () => {
    const { url } = await serve(answer(302));
    const workflow = await start({
      Ask: { type: 'Http', inputs: { method: 'GET', uri: url }, runAfter: {} },
    });
    expect((await call(workflow.callbackUrl, 'POST')).status).toBe(500);
    await expect(workflow.stop()).rejects.toThrow(UnknownBehaviour);
  });
});

describe('expressions', () => {
  const context = {
    runName: 'run-1',
    parameters: { url: 'http://app' },
    triggerOutputs: {
      headers: new HeaderValues([['content-type', 'text/csv']]),
      body: { a: [1], text: "it's" },
    },
    result: (name: string) =>
      name === 'Done' ? ({ status: 'Succeeded', outputs: { n: 1 } } as const) : undefined,
    item: () => undefined,
  };
  const XML = '<?xml version="1.0"?><L><M><T>a</T></M><M><T>b</T></M></L>';

  test.each<[Json, unknown]>([
    ['@@plain', '@plain'],
    ['plain@example.org', 'plain@example.org'],
    ["@{parameters('url')}/x?@{triggerBody()?['none']}", 'http://app/x?'],
    ["@triggerOutputs()['headers']['Content-Type']", 'text/csv'],
    ["@triggerOutputs()?['queries']?['job']", null],
    ["@coalesce(null, triggerBody()['text'])", "it's"],
    ["@if(equals(actions('Done')?['status'], 'Succeeded'), 1, 2)", 1],
    ["@outputs('Done')['n']", 1],
    ["@workflow()['run']['name']", 'run-1'],
    ['@{json(\'{"a":"}"}\')}', '{"a":"}"}'],
    ["@string('it''s')", "it's"],
    ["@split(trim(' a b '), ' ')", ['a', 'b']],
    ["@uriComponent('a/b c')", 'a%2Fb%20c'],
    [`@length(xpath(xml('${XML}'), '/L/M'))`, 2],
    [`@xpath(xml('${XML}'), 'string(/L/None)')`, ''],
    [`@empty(xpath(xml('<L />'), '/L/M'))`, true],
    [{ a: ['@not(false)', { b: '@{1}' }] }, { a: [true, { b: '1' }] }],
  ])('%j', async (source, expected) => {
    expect(await evaluateValue(source, context)).toEqual(expected);
  });

  test.each([
    "@triggerBody()['none']",
    "@triggerBody()['text']['x']",
    "@outputs('Later')",
    '@trim(null)',
    '@if(1, 2, 3)',
    "@items('Each')",
  ])('%s fails its action', (source) =>
    expect(evaluateValue(source, context)).rejects.toThrow(InvalidTemplate),
  );

  test.each(['@utcNow()', `@xpath(xml('${XML}'), '//M')`])('%s ends the interpreter', (source) =>
    expect(evaluateValue(source, context)).rejects.toThrow(UnknownBehaviour),
  );
});

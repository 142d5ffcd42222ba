/**
 * Serves a workflow with a Request trigger on loopback, under a callback URL such as the platform makes (Microsoft Learn,
 * "Receive and respond to inbound HTTPS calls", "Limits and configuration"): whoever holds the URL may call, an answer comes
 * within two minutes or is 504, and a run that skips every Response is answered 502. Where the Response actions are
 * asynchronous the caller gets 202 and a Location at once, which answers 202 until a Response has run.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Clock } from './clock.ts';
import { type Actions, blocksOf, type RequestTrigger, type WorkflowDefinition } from './definition.ts';
import { HeaderValues, type Value } from './expressions/value.ts';
import { type Identity, REQUEST_SECONDS } from './http-action.ts';
import { contentOfValue, valueOfContent } from './message-content.ts';
import { runActions, type WorkflowAnswer } from './run-actions.ts';

export interface WorkflowOptions {
  readonly definition: WorkflowDefinition;
  readonly parameters: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly identity: Identity;
}

export interface Workflow {
  /** The trigger's callback URL, its signature included. */
  readonly callbackUrl: string;
  /**
   * Waits for every run to end.
   * @throws what ended a run that met something the interpreter does not know.
   */
  stop(): Promise<void>;
}

/** Seconds between polls of an asynchronous answer. */
const RETRY_AFTER_SECONDS = 10;

/** "Receive and respond to inbound HTTPS calls": removed from a Response without a word. */
const REMOVED_HEADERS =
  /^(allow|content-(?!(disposition|encoding|type)$).*|cookie|expires|last-modified|set-cookie|transfer-encoding)$/i;

/** One call of the trigger: the answer of its run, once there is one. */
interface Call {
  readonly answered: Promise<WorkflowAnswer>;
  readonly latest: { answer?: WorkflowAnswer };
}

/** @throws {Error} where a parameter has no value. */
export async function startWorkflow(options: WorkflowOptions): Promise<Workflow> {
  const { definition, parameters, clock, identity } = options;
  const [[triggerName, trigger]] = Object.entries(definition.triggers) as [[string, RequestTrigger]];
  const missing = Object.keys(definition.parameters).filter((name) => !(name in parameters));
  if (missing.length > 0) throw new Error(`These parameters have no value: ${missing.join(', ')}.`);

  const signature = randomBytes(32).toString('base64url');
  const query = `api-version=2016-10-01&sp=%2Ftriggers%2F${triggerName}%2Frun&sv=1.0&sig=${signature}`;
  const triggerPath = `/workflows/local/triggers/${triggerName}/paths/invoke`;
  const runs: Promise<unknown>[] = [];
  const calls = new Map<string, Call>();
  const isAsynchronous = hasAsynchronousResponse(definition.actions);

  function start(triggerOutputs: Value): { readonly runName: string; readonly call: Call } {
    const runName = randomBytes(16).toString('hex');
    const { promise, resolve, reject } = Promise.withResolvers<WorkflowAnswer>();
    const ended = new AbortController();
    const latest: Call['latest'] = {};
    const respond = (answer: WorkflowAnswer): boolean => {
      if (latest.answer !== undefined) return false;
      latest.answer = answer;
      resolve(answer);
      return true;
    };
    if (!isAsynchronous) {
      void clock.hasPassed(REQUEST_SECONDS, ended.signal).then((hasPassed) => {
        if (hasPassed) respond({ statusCode: 504, headers: {}, body: null });
      });
    }
    const run = runActions(
      definition.actions,
      { runName, parameters, triggerOutputs, results: new Map() },
      { clock, identity, respond },
    )
      .then(() => respond({ statusCode: 502, headers: {}, body: null }))
      .catch((error) => {
        reject(error);
        throw error;
      })
      .finally(() => ended.abort());
    // Both are heard of at the end, by stop().
    run.catch(() => {});
    promise.catch(() => {});
    runs.push(run);
    return { runName, call: { answered: promise, latest } };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin);
    if (!isSame(url.searchParams.get('sig') ?? '', signature)) {
      response.writeHead(401).end();
      return;
    }
    const operation = /^\/operations\/(\w+)$/.exec(url.pathname)?.[1];
    const known = calls.get(operation ?? '');
    if (known?.latest.answer !== undefined) return send(response, known.latest.answer, request.method);
    if (known !== undefined) return sendAccepted(response, `${origin}${request.url}`);
    if (url.pathname !== triggerPath || request.method !== trigger.inputs.method) {
      response.writeHead(404).end();
      return;
    }
    const body = new Uint8Array(await buffer(request));
    const { runName, call } = start({
      headers: new HeaderValues(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      queries: Object.fromEntries(url.searchParams),
      body: valueOfContent(body, request.headers['content-type'] ?? null),
    });
    calls.set(runName, call);
    if (isAsynchronous) sendAccepted(response, `${origin}/operations/${runName}?${query}`);
    else send(response, await call.answered, request.method);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    callbackUrl: `${origin}${triggerPath}?${query}`,
    async stop() {
      try {
        await Promise.all(runs);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function sendAccepted(response: ServerResponse, location: string): void {
  response.writeHead(202, { Location: location, 'Retry-After': String(RETRY_AFTER_SECONDS) }).end();
}

function send(response: ServerResponse, answer: WorkflowAnswer, method: string | undefined): void {
  const content = contentOfValue(answer.body);
  // "Content-* headers except for … when you use POST and PUT operations, but are not included for GET operations".
  const isKept = (name: string) =>
    !REMOVED_HEADERS.test(name) && !(method === 'GET' && /^content-/i.test(name));
  const headers = new Headers(Object.entries(answer.headers).filter(([name]) => isKept(name)));
  if (content !== undefined && !headers.has('content-type')) headers.set('content-type', content.contentType);
  response.writeHead(answer.statusCode, Object.fromEntries(headers)).end(content?.bytes);
}

function hasAsynchronousResponse(actions: Actions): boolean {
  return Object.values(actions).some((action) =>
    action.type === 'Response'
      ? action.operationOptions === 'Asynchronous'
      : blocksOf(action).some(hasAsynchronousResponse),
  );
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

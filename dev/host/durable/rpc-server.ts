/** The address at which the library's client reaches the engine: the extension's local HTTP endpoint, on loopback. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Instance, isEnded } from './instance.ts';
import { type TaskHub, UnknownOrchestratorError } from './task-hub.ts';

const PREFIX = '/durabletask/';

export interface RpcServer {
  /** With a slash at its end. */
  readonly baseUrl: string;
  close(): void;
}

export async function startRpcServer(hub: TaskHub): Promise<RpcServer> {
  const server = createServer((request, response) => {
    answer(request, response, hub).catch((error: Error) => {
      const status = error instanceof UnknownOrchestratorError || error instanceof SyntaxError ? 400 : 500;
      answerJson(response, status, { Message: error.message });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The host that is drained goes, whatever connection the app keeps open.
  server.unref();
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PREFIX}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, hub: TaskHub): Promise<void> {
  const { method } = request;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const [kind, first = '', second, ...rest] = url.pathname
    .slice(PREFIX.length)
    .split('/')
    .map(decodeURIComponent);
  if (kind === 'orchestrators' && method === 'POST' && rest.length === 0) {
    const id = second ?? randomUUID();
    const body = await textOf(request);
    hub.start(first, id, body === '' ? undefined : JSON.parse(body));
    return answerJson(response, 202, { id });
  }
  if (kind === 'instances' && first === '' && method === 'DELETE') {
    const before = new Date(url.searchParams.get('createdTimeTo') ?? Date.now()).toISOString();
    const statuses = url.searchParams.get('runtimeStatus')?.split(',');
    const instancesDeleted = hub.purgeBefore(before, statuses);
    return instancesDeleted > 0
      ? answerJson(response, 200, { instancesDeleted })
      : answerEmpty(response, 404);
  }
  const isKnown =
    kind === 'instances' &&
    rest.length === 0 &&
    (method === 'POST'
      ? second === 'terminate'
      : second === undefined && /^(GET|DELETE)$/.test(method ?? ''));
  if (!isKnown) {
    const Message = `The local host's workflow engine does not know ${method} ${url.pathname}.`;
    return answerJson(response, 501, { Message });
  }
  const instance = hub.instance(first);
  if (instance === undefined) return answerEmpty(response, 404);
  const hasEnded = isEnded(instance);
  switch (method) {
    case 'GET':
      return answerJson(response, hasEnded ? 200 : 202, statusOf(instance));
    case 'DELETE':
      hub.purge(first);
      return hasEnded ? answerJson(response, 200, { instancesDeleted: 1 }) : answerEmpty(response, 404);
    default:
      if (!hasEnded) hub.terminate(first, url.searchParams.get('reason') ?? '');
      return answerEmpty(response, hasEnded ? 410 : 202);
  }
}

/** As the extension shows an instance: times without fractions. */
function statusOf(instance: Instance): object {
  const seconds = (time: string) => time.replace(/\.\d+Z$/, 'Z');
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: instance.input ?? null,
    customStatus: instance.customStatus ?? null,
    output: instance.output ?? null,
    createdTime: seconds(instance.createdAt),
    lastUpdatedTime: seconds(instance.updatedAt),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function answerEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': '0' }).end();
}

/** The host's own pages: `/`, `/admin/host/*` and `/admin/functions/*`. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { AppFunction } from '../functions.ts';
import type { FunctionMetadata } from '../rpc.ts';
import { canRunByHand, type RunByHand } from '../run-by-hand.ts';
import { answerEmpty } from './answer.ts';

export interface AdminOptions {
  readonly functions: readonly AppFunction[];
  readonly metadata: () => readonly FunctionMetadata[];
  /** False: the request shows no master key where one is asked for. */
  readonly isAdmin: (request: IncomingMessage) => boolean;
  /** Starts a queue or timer function with this input, as text. */
  readonly run: RunByHand;
}

const homePage = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Functions app</title></head>
<body><h1>Your Functions app is up and running</h1></body></html>
`;
const startedAt = Date.now();

/** The page at `/`. */
export function answerHome(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/html' }).end(homePage);
}

/** Answers a path whose first segment is `admin`. */
export async function answerAdmin(
  request: IncomingMessage,
  response: ServerResponse,
  [, area, name, ...rest]: readonly string[],
  options: AdminOptions,
): Promise<void> {
  if (area === 'host' && name === 'ping' && rest.length === 0) return answerEmpty(response, 200);
  if (!options.isAdmin(request)) return answerEmpty(response, 401, { 'WWW-Authenticate': 'Bearer' });
  if (rest.length > 0) return answerEmpty(response, 404);
  if (request.method === 'GET' && area === 'host' && name === 'status')
    return answerJson(response, hostStatus());
  if (request.method === 'GET' && area === 'functions' && name === undefined) {
    return answerJson(response, options.metadata().map(describeFunction));
  }
  if (request.method !== 'POST' || area !== 'functions') return answerEmpty(response, 404);

  const appFunction = options.functions.find((known) => known.name.toLowerCase() === name?.toLowerCase());
  if (appFunction === undefined || !canRunByHand(appFunction)) return answerEmpty(response, 404);
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return answerEmpty(response, 415);
  const input = inputOf(await textOf(request));
  if (input === undefined) return answerEmpty(response, 400);
  await options.run(appFunction, input);
  await answerEmpty(response, 202);
}

function inputOf(body: string): string | undefined {
  try {
    const { input = '' } = JSON.parse(body) as { input?: unknown };
    return typeof input === 'string' ? input : JSON.stringify(input);
  } catch {
    return undefined;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function answerJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function hostStatus(): object {
  return {
    id: hostname(),
    state: 'Running',
    version: '4.1037.0.0',
    versionDetails: 'local host',
    computerName: hostname(),
    processUptime: Date.now() - startedAt,
    functionAppContentEditingState: 'Unknown',
  };
}

function describeFunction({ name, bindings }: FunctionMetadata): object {
  const list = Object.entries(bindings).map(([bindingName, binding]) => ({ ...binding, name: bindingName }));
  return { name, language: 'node', config: { bindings: list } };
}

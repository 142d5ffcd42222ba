/** Where a test meets secrets, so that secrets.ts knows them: heads of requests and answers, JSON texts, connection strings. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { noteSecret } from './secrets.ts';

const secretHeaders = [
  'authorization',
  'idempotency-key',
  'x-functions-key',
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-ms-client-principal-name',
];

// A ref is longer than an id, and may be read by all.
const places: Readonly<Record<string, RegExp>> = {
  'id of a job': /\/jobs\/([\w-]{22})(?![\w-])/g,
  'id of a job or an upload': /"id":"([\w-]{22})"/g,
  'id of an upload': /[?&]upload=([\w-]{22})(?![\w-])/g,
  'function key': /[?&]code=([^&#"\s]+)/gi,
  'signature of a SAS': /[?&]sig=([^&#"\s]+)/g,
  'account key': /\bAccountKey=([^;"\s]+)/g,
};

/** Notes what is secret in a URL, a header, a JSON text or a setting, by where it stands in it. */
export function noteSecretsIn(text: string): void {
  for (const [what, place] of Object.entries(places)) {
    for (const [, value] of text.matchAll(place))
      noteSecret(what, new URLSearchParams(`_=${value}`).get('_') ?? '');
  }
}

function noteHeaders(headers: object): void {
  for (const [name, value] of Object.entries(headers)) {
    const text = String(value);
    noteSecretsIn(text);
    // In quotes or not, after a scheme or not: what is secret is within.
    if (secretHeaders.includes(name)) noteSecret(name, text.replace(/^(Bearer |")|"$/g, ''));
  }
}

/**
 * Notes the secrets in the heads of all requests to a server of this process, and of their answers, whoever asks: a browser, curl.
 * @returns what ends it
 */
export function noteExchanges(port: number): () => void {
  const note = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.socket.localPort !== port) return;
    noteSecretsIn(request.url ?? '');
    noteHeaders(request.headers);
    response.once('close', () => noteHeaders(response.getHeaders()));
  };
  subscribe('http.server.request.start', note);
  return () => void unsubscribe('http.server.request.start', note);
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Client, fetchReply, pollJob, startJob } from '../../../dev/demo/run-job.ts';

let server: Server;
let url: string;
let answer: RequestListener;
let lines: string[];
let client: Client;

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  lines = [];
  const same = (text: string) => text;
  client = {
    signal: new AbortController().signal,
    screen: {
      line: (text = '') => lines.push(text),
      bar: () => {},
      heading: same,
      strong: same,
      faint: same,
    },
  };
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Answers each request, in turn, with the next of `answers`; the last one again and again. */
function answering(...answers: [status: number, headers?: Record<string, string>, body?: string][]): void {
  answer = (request: IncomingMessage, response) => {
    const [status, headers = {}, body = '{}'] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500];
    request.resume().on('end', () => response.writeHead(status, headers).end(body));
  };
}

const accepted = () => ({ location: `${url}/api/jobs/abc?pending=202`, retryAfterSeconds: 0.01 });
const problem = [
  { 'content-type': 'application/problem+json' },
  JSON.stringify({ title: 'Storage unavailable', detail: 'Try again.' }),
] as const;

test('a start that keeps to the pattern is shown as it went', async () => {
  answering([202, { location: `${url}/api/jobs/abc`, 'retry-after': '3' }]);
  const start = startJob(client, `${url}/api/operations/csv-profile`, 'text/csv', Buffer.from('a,b\n'));
  expect(await start).toEqual({ location: `${url}/api/jobs/abc`, retryAfterSeconds: 3 });
  expect(lines).toEqual([
    '   > POST /api/operations/csv-profile',
    '   > Content-Type: text/csv',
    '   > Content-Length: 4',
    expect.stringMatching(/^ {3}< 202 Accepted {3}after \d\.\d s$/),
    `   < Location: ${url}/api/jobs/abc`,
    '   < Retry-After: 3',
  ]);
});

test('polls end at the redirect, whose URL is returned whole and shown without its signature', async () => {
  const replyUrl = `${url}/account/jobs/abcdefgh?sp=r&sig=secret`;
  answering(
    [202, { 'retry-after': '1' }, JSON.stringify({ status: 'Running', percentComplete: 40 })],
    [302, { location: replyUrl }],
  );
  expect(await pollJob(client, accepted())).toBe(replyUrl);
  expect(lines).toEqual([
    '   > GET /api/jobs/abc?pending=202',
    '   < 202 Accepted   Retry-After: 1   status: Running   percentComplete: 40',
    '   > GET /api/jobs/abc?pending=202',
    '   < 302 Found',
    `   < Location: ${url}/account/jobs/abcd…?sp=r&sig=…`,
  ]);
});

describe('an answer that does not keep to the pattern ends the demo with what it was:', () => {
  test('a refused start', async () => {
    answering([503, ...problem]);
    await expect(startJob(client, `${url}/api/operations/x`, 'text/csv', Buffer.of())).rejects.toThrow(
      'POST /api/operations/x answered 503 Service Unavailable, not 202. Storage unavailable: Try again.',
    );
  });

  test('an acceptance without Location', async () => {
    answering([202, { 'retry-after': '1' }]);
    await expect(startJob(client, url, 'text/csv', Buffer.of())).rejects.toThrow(
      'The answer has no Location header.',
    );
  });

  test.each(['0', '-1', '1.5', 'Wed, 21 Oct 2026 07:28:00 GMT'])('Retry-After: %s', async (retryAfter) => {
    answering([202, { location: `${url}/api/jobs/abc`, 'retry-after': retryAfter }]);
    await expect(startJob(client, url, 'text/csv', Buffer.of())).rejects.toThrow(
      `Retry-After is '${retryAfter}'`,
    );
  });

  test('a job that failed', async () => {
    answering([422, ...problem]);
    await expect(pollJob(client, accepted())).rejects.toThrow(/answered 422 .*, not 202 or 302\. Storage/);
  });

  test('a reply that storage refuses', async () => {
    answering([403]);
    await expect(fetchReply(client, `${url}/account/jobs/abcdefgh?sig=secret`)).rejects.toThrow(
      `GET ${url}/account/jobs/abcd…?sp=r&sig=… answered 403 Forbidden, not 200.`,
    );
  });

  test('none at all', async () => {
    server.closeAllConnections();
    answer = (request) => request.socket.destroy();
    await expect(pollJob(client, accepted())).rejects.toThrow(
      /^GET \/api\/jobs\/abc\?pending=202: other side closed/,
    );
  });
});

test('a poll is not waited for once the demo is to end', async () => {
  const end = new AbortController();
  const polled = pollJob({ ...client, signal: end.signal }, { location: url, retryAfterSeconds: 1000 });
  end.abort();
  await expect(polled).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});

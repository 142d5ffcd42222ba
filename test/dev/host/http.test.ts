/** What a client of the local host sees, as HOST-FACTS says a client of the real one does. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { testOn } from '../../support/platform.ts';
import { useToyHosts } from './toy-hosts.ts';

const startToyHost = useToyHosts();

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** By node:http, because fetch hides what is tested here: raw paths, hop headers, bodies of HEAD. */
async function send(
  url: string,
  options: {
    method?: string;
    path?: string;
    headers?: Record<string, string | string[]>;
    body?: string;
  } = {},
): Promise<Answer> {
  const { origin, pathname, search } = new URL(url);
  const request = httpRequest(origin, {
    method: options.method ?? 'GET',
    path: options.path ?? pathname + search,
    headers: options.headers ?? {},
    agent: false,
  });
  request.end(options.body);
  const [response] = await once(request, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** Sends bytes as they are and resolves with everything that comes back until the connection closes. */
async function sendRaw(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(bytes);
  return await text(socket);
}

const emptyAnswer = {
  headers: expect.objectContaining({ 'content-length': '0', server: 'Kestrel' }),
  body: '',
};

describe('routing', () => {
  test('a path is matched without case, with or without a slash at its end', async () => {
    const { host } = await startToyHost();
    expect((await send(`${host.url}/API/Hello/`)).body).toBe('hello');
    expect((await send(`${host.url}/api/./x/../hello`, { path: '/api/./x/../hello' })).body).toBe('hello');
  });

  test('no route, a wrong method and a wrong constraint are all the same empty 404', async () => {
    const { host } = await startToyHost();
    const refused: [string, string][] = [
      ['GET', '/api/unknown'],
      ['GET', '/api'],
      ['GET', '/api/'],
      ['GET', '/api//hello'],
      ['GET', '/api%2Fhello'],
      ['GET', '/api/hello/more'],
      ['GET', '/hello'],
      ['DELETE', '/api/hello'],
      ['HEAD', '/api/hello'],
      ['OPTIONS', '/api/hello'],
      ['GET', '/api/numbers/abc'],
      ['GET', '/api/things'],
    ];
    for (const [method, path] of refused) {
      const answer = await send(host.url, { method, path });
      expect({ path, ...answer }).toEqual({ path, status: 404, ...emptyAnswer });
      expect(answer.headers).not.toHaveProperty('content-type');
    }
  });

  test('a function without methods takes GET and POST', async () => {
    const { host } = await startToyHost();
    expect((await send(`${host.url}/api/hello`)).status).toBe(200);
    expect((await send(`${host.url}/api/hello`, { method: 'POST' })).status).toBe(200);
  });

  test('two functions share a route by their methods', async () => {
    const { host } = await startToyHost();
    expect((await send(`${host.url}/api/same`)).body).toBe('got');
    expect((await send(`${host.url}/api/same`, { method: 'PUT' })).body).toBe('put');
  });

  test('HEAD runs the handler where it is listed and drops the body', async () => {
    const { host } = await startToyHost();
    const answer = await send(`${host.url}/api/things/1`, { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '', headers: { 'x-method': 'HEAD' } });
  });

  test('OPTIONS runs the handler where it is listed', async () => {
    const { host } = await startToyHost();
    const answer = await send(`${host.url}/api/things/1`, { method: 'OPTIONS' });
    expect(answer.headers['x-method']).toBe('OPTIONS');
  });

  test('params are decoded except %2F, hold the query, never the code, and leave out what is missing', async () => {
    const { host } = await startToyHost();
    const answer = await send(host.url, { path: '/api/things/b%20c%2Fd%C3%A9?x=1&id=9&code=secret&y=1&y=2' });
    expect(JSON.parse(answer.body).params).toEqual({ id: 'b c%2Fdé', x: '1', y: '1,2' });
  });

  test('a query parameter in another case takes the name of the route parameter, not its value', async () => {
    const { host } = await startToyHost();
    const answer = await send(host.url, { path: '/api/things/mine?ID=other' });
    expect(JSON.parse(answer.body).params).toEqual({ ID: 'mine' });
  });

  test('a catch-all takes the rest of the path, and may be empty', async () => {
    const { host } = await startToyHost();
    expect(JSON.parse((await send(`${host.url}/api/files/a/b.txt`)).body)).toEqual({ path: 'a/b.txt' });
    expect(JSON.parse((await send(`${host.url}/api/files`)).body)).toEqual({});
    expect(JSON.parse((await send(`${host.url}/api/numbers/-42`)).body)).toEqual({ value: '-42' });
  });

  test('routePrefix takes the place of api', async () => {
    const { host } = await startToyHost({
      hostJson: { version: '2.0', extensions: { http: { routePrefix: 'v1/x' } } },
    });
    expect((await send(`${host.url}/v1/x/hello`)).body).toBe('hello');
    expect((await send(`${host.url}/api/hello`)).status).toBe(404);
  });

  test('without a routePrefix functions stand at the root', async () => {
    const { host } = await startToyHost({
      hostJson: { version: '2.0', extensions: { http: { routePrefix: '' } } },
    });
    expect((await send(`${host.url}/hello`)).body).toBe('hello');
    expect(host.functions).toContainEqual({
      name: 'hello',
      trigger: 'http',
      methods: ['GET', 'POST'],
      url: `${host.url}/hello`,
    });
  });

  test('a route that begins with admin is refused in the log and answers 404', async () => {
    const { host, lines } = await startToyHost();
    expect(lines.join('\n')).toContain(
      "The 'adminThing' function is in error: The specified route conflicts with one or more built in routes.",
    );
    expect((await send(`${host.url}/api/adminThing`)).status).toBe(404);
  });
});

describe('requests', () => {
  test('the URL is absolute with the Host header, raw in path and query, and headers are lower case', async () => {
    const { host } = await startToyHost();
    const headers = {
      Host: 'example.test:8080',
      'X-MiXeD': 'v',
      'X-Forwarded-Host': 'evil',
      'X-Forwarded-Proto': 'https',
    };
    const answer = await send(host.url, { path: '/api/things/b%20c?q=%41', headers });
    const seen = JSON.parse(answer.body);
    expect(seen.url).toBe('http://example.test:8080/api/things/b%20c?q=%41');
    expect(seen.headers).toMatchObject({
      host: 'example.test:8080',
      'x-mixed': 'v',
      'x-forwarded-host': 'evil',
    });
  });

  test("a client cannot choose the invocation's id", async () => {
    const { host } = await startToyHost();
    const answer = await send(`${host.url}/api/hello`, { headers: { 'x-ms-invocation-id': 'mine' } });
    expect(answer.headers['x-ms-invocation-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a chunked body arrives', async () => {
    const { host } = await startToyHost();
    const answer = await send(`${host.url}/api/size`, {
      method: 'POST',
      headers: { 'Transfer-Encoding': 'chunked' },
      body: 'x'.repeat(200_000),
    });
    expect(JSON.parse(answer.body)).toEqual({ sizeBytes: 200_000 });
  });

  test('a request that Kestrel would not take is refused before it reaches a function', async () => {
    const { host, lines } = await startToyHost();
    const line = 'POST /api/size HTTP/1.1\r\nHost: x\r\n';
    const long = 'x'.repeat(9_000);
    const cases: [string, number][] = [
      [`${line}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      [`${line}Host: y\r\nContent-Length: 0\r\n\r\n`, 400],
      ['POST /api/size HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 400],
      [`${line}Content-Length: x\r\n\r\n`, 400],
      // Without a URL to be made of it, the library would answer nothing.
      ...['a b', '[::1', 'x/y', 'x?y', 'u:p@x', 'x:', ':1', 'x:y', 'x:99999', '%zz', '\xe9', '1.2.3.4.5'].map(
        (name): [string, number] => [`GET /api/hello HTTP/1.1\r\nHost: ${name}\r\n\r\n`, 400],
      ),
      ['GET http://x/api/hello HTTP/1.1\r\nHost: x\r\n\r\n', 400],
      [`GET /api/hello?${long} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
      [`${line}A: ${long}\r\nB: ${long}\r\nC: ${long}\r\nD: ${long}\r\nContent-Length: 0\r\n\r\n`, 431],
      // Just past what the parser takes: with more, the connection might be reset before the answer is read.
      [`${line}A: ${'x'.repeat(128 * 1024)}`, 431],
    ];
    for (const [bytes, status] of cases) {
      expect(await sendRaw(host.url, bytes)).toMatch(
        new RegExp(`^HTTP/1.1 ${status} (.|\\s)*Connection: close`),
      );
    }
    expect(lines.filter((logged) => logged.startsWith('Executing'))).toEqual([]);
  });

  test.each(['', 'x', 'a-b_c.example:7071', '127.0.0.1:1', '[::1]', '[::1]:7071'])(
    'host %j is one',
    async (name) => {
      const { host } = await startToyHost();
      const bytes = `GET /api/hello HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;
      expect(await sendRaw(host.url, bytes)).toMatch(/^HTTP\/1.1 200 /);
    },
  );

  test('hop-by-hop headers stay on their hop, and the worker is told who asked for what', async () => {
    const { host } = await startToyHost();
    const sent = { Connection: 'close, x-secret', 'X-Secret': '1', TE: 'trailers', Upgrade: 'x' };
    const answer = await send(`${host.url}/api/things/1`, {
      headers: {
        ...sent,
        Host: 'example.test',
        'X-Forwarded-Host': 'evil',
        'X-Forwarded-Proto': 'https',
        'x-ms-invocation-id': 'evil',
      },
    });
    const { forwarded } = JSON.parse(answer.body);
    expect(forwarded).toMatchObject({ 'x-forwarded-host': 'example.test', 'x-forwarded-proto': 'http' });
    expect(forwarded['x-ms-invocation-id']).not.toBe('evil');
    for (const name of ['x-secret', 'te', 'upgrade']) expect(forwarded).not.toHaveProperty(name);
    expect(answer.headers).toMatchObject({ connection: 'close' });
    expect(answer.headers).not.toHaveProperty('keep-alive');
  });

  test('a body over the limit is an empty 500 and the end of the connection, declared or chunked', async () => {
    const { host, logged } = await startToyHost({
      settings: { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '100000' },
    });
    const url = `${host.url}/api/size`;
    const fits = await send(url, { method: 'POST', body: 'x'.repeat(100_000) });
    expect(fits.status).toBe(200);
    for (const headers of [{ 'Content-Length': '100001' }, { 'Transfer-Encoding': 'chunked' }]) {
      const answer = await send(url, { method: 'POST', headers, body: 'x'.repeat(100_001) });
      expect(answer).toMatchObject({ status: 500, body: '' });
      expect(answer.headers.connection).toBe('close');
    }
    await logged(/^Request body too large. The max request body size is 100000 bytes.$/, 2);
  });
});

describe('answers', () => {
  test('an empty answer has a length of 0 and no type', async () => {
    const { host } = await startToyHost();
    const answer = await send(`${host.url}/api/empty`);
    expect(answer).toMatchObject({ status: 200, ...emptyAnswer });
    expect(answer.headers).not.toHaveProperty('content-type');
  });

  test('status, headers and each cookie pass, and every answer says Kestrel and the time', async () => {
    const { host } = await startToyHost();
    const { status, headers } = await send(`${host.url}/api/cookies`);
    expect(status).toBe(201);
    expect(headers).toMatchObject({ location: '/there', 'retry-after': '3', server: 'Kestrel' });
    expect(headers['set-cookie']).toEqual(['a=b', 'c=d']);
    expect(Date.parse(headers.date ?? '')).toBeCloseTo(Date.now(), -4);
  });

  test('a streamed answer flows as it is made', async () => {
    const { host } = await startToyHost();
    const response = await fetch(`${host.url}/api/drip`);
    const startedAt = performance.now();
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('first');
    expect(performance.now() - startedAt).toBeLessThan(400);
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('second');
    expect((await reader.read()).done).toBe(true);
  });

  test('one before its request was read comes at once; the rest is dropped, and the connection goes on', async () => {
    const { host } = await startToyHost();
    const began = performance.now();
    for (let times = 0; times < 3; times++) {
      const answer = await fetch(`${host.url}/api/empty`, { method: 'POST', body: 'x'.repeat(20_000_000) });
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    }
    // The host waits 5 s at most for a body that nobody wants.
    expect(performance.now() - began).toBeLessThan(4_500);
  });

  test('a handler that wants no body answers a client that has not sent a byte of it yet', async () => {
    const { host } = await startToyHost();
    const request = httpRequest(`${host.url}/api/hello`, {
      method: 'POST',
      headers: { 'content-length': 5 },
      agent: false,
    });
    request.flushHeaders();
    const [response] = await once(request, 'response', { signal: AbortSignal.timeout(4_000) });
    expect(response.statusCode).toBe(200);
    request.end('12345');
    expect(await text(response)).toBe('hello');
  });

  test('a request body comes back whole through a handler that streams it', async () => {
    const { host } = await startToyHost();
    const body = 'ä'.repeat(3_000_000);
    const response = await fetch(`${host.url}/api/echo`, { method: 'POST', body });
    expect(await response.text()).toBe(body);
  });

  test('a handler that throws hangs its client until the forwarder time-out, then an empty 500', async () => {
    const { host, logged } = await startToyHost({ timings: { forwarderTimeoutMs: 700 } });
    const startedAt = performance.now();
    const answer = await send(`${host.url}/api/throw`);
    expect(answer).toMatchObject({ status: 500, ...emptyAnswer });
    expect(performance.now() - startedAt).toBeGreaterThan(600);
    expect(
      await logged(/^Executed 'Functions.throw' \(Failed, Id=.*Duration=\d+ms\)\nError: the handler threw/),
    ).toHaveLength(1);
  });

  test('a client that stops reading stops the handler, and nothing piles up', async () => {
    const { host, lines, logged } = await startToyHost();
    const sizeBytes = 300 * 65_536;
    const request = httpRequest(`${host.url}/api/flood?bytes=${sizeBytes}`, { agent: false }).end();
    const [response] = await once(request, 'response');
    response.pause();
    // Nothing announces that a stream has come to rest; a second is ample for 20 MB on loopback.
    await delay(1_000);
    expect(lines.some((line) => line.startsWith("Executed 'Functions.flood'"))).toBe(false);
    expect((await text(response)).length).toBe(sizeBytes);
    await logged(/^flood closed, finished: true/);
  });

  test("when the client leaves, the app sees its answer's close", async () => {
    const { host, logged } = await startToyHost();
    const request = httpRequest(`${host.url}/api/flood?bytes=${1e9}`, { agent: false }).end();
    await once(request, 'response');
    request.destroy();
    await logged(/^flood closed, finished: false/);
    expect((await send(`${host.url}/api/hello`)).body).toBe('hello');
  });
});

describe('the host itself', () => {
  test('/ is a page, ping is empty, status tells the version', async () => {
    const { host } = await startToyHost();
    expect(await send(host.url)).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
    expect(await send(`${host.url}/admin/host/ping`)).toMatchObject({ status: 200, body: '' });
    const status = await send(`${host.url}/admin/host/status`);
    expect(JSON.parse(status.body)).toMatchObject({ state: 'Running', version: expect.any(String) });
    const functions = await send(`${host.url}/admin/functions`);
    expect(JSON.parse(functions.body)).toContainEqual(expect.objectContaining({ name: 'hello' }));
  });

  test('over maxOutstandingRequests is an empty 429, the rest waits for its turn', async () => {
    const { host } = await startToyHost({
      hostJson: {
        version: '2.0',
        extensions: { http: { maxConcurrentRequests: 5, maxOutstandingRequests: 10 } },
      },
    });
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(`${host.url}/api/slow?ms=100`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(20);
    expect(refused[0]).toMatchObject({ ...emptyAnswer, headers: { 'x-function-scaleout': '1' } });
  });

  test('logs each invocation as the real one does, hooks around it, and no query string', async () => {
    const { host, lines, logged } = await startToyHost();
    await send(`${host.url}/api/slow?ms=1&code=SECRET`);
    await logged(/^Executed/);
    const id = /Id=([0-9a-f-]{36})/.exec(lines.find((line) => line.startsWith('Executing')) ?? '')?.[1];
    expect(lines.slice(-5)).toEqual([
      `Executing 'Functions.slow' (Reason='This function was programmatically called via the host APIs.', Id=${id})`,
      'hook: before slow',
      'slow began',
      'hook: after slow',
      expect.stringMatching(
        new RegExp(`^Executed 'Functions.slow' \\(Succeeded, Id=${id}, Duration=\\d+ms\\)$`),
      ),
    ]);
    expect(lines.join()).not.toContain('SECRET');
  });

  test('the app gets its app settings and nothing else of the environment', async () => {
    process.env.NOT_FOR_THE_APP = '1';
    const { host } = await startToyHost({ settings: { MINE: 'yes' } });
    delete process.env.NOT_FOR_THE_APP;
    const environment = JSON.parse((await send(`${host.url}/api/env`)).body);
    expect(environment).toMatchObject({ MINE: 'yes', AZURE_FUNCTIONS_ENVIRONMENT: 'Development' });
    expect(environment).not.toHaveProperty('NOT_FOR_THE_APP');
  });

  test('lists the functions as Core Tools does', async () => {
    const { host, lines } = await startToyHost({ settings: { TIMER: '1' } });
    const list = lines.find((line) => line.startsWith('Functions:'));
    expect(list).toContain(`\techo: [POST,PUT] ${host.url}/api/echo`);
    expect(list).toContain('\ttick: timerTrigger');
  });

  testOn(
    'linux',
    'it reads /proc',
    'only loopback is listened on, by the host and by the library',
    async () => {
      const { host } = await startToyHost();
      const listening = await listeningAddresses(process.pid, host.workerPid);
      expect(listening.length).toBeGreaterThanOrEqual(2);
      expect(new Set(listening)).toEqual(new Set(['127.0.0.1']));
    },
  );
});

/** Addresses on which these processes listen for TCP, from /proc. */
async function listeningAddresses(...pids: number[]): Promise<string[]> {
  const { readdir, readlink, readFile } = await import('node:fs/promises');
  const inodes = new Set<string>();
  for (const pid of pids) {
    for (const fd of await readdir(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined) inodes.add(inode);
    }
  }
  const rows = (await readFile('/proc/net/tcp', 'utf8'))
    .split('\n')
    .concat((await readFile('/proc/net/tcp6', 'utf8')).split('\n'));
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((columns) => columns[3] === '0A' && inodes.has(columns[9] ?? ''))
    .map(([, local = '']) => (local.split(':')[0] === '0100007F' ? '127.0.0.1' : local));
}

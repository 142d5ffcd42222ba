/** HTTP requests as nobody should send them, near enough to the contract to get past its first check. */
import fc from 'fast-check';

export interface HttpInput {
  readonly method: string;
  /** Path and query, as they go on the wire. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** Without an announced length. */
  readonly isChunked: boolean;
  /** Hang up after half of the body. */
  readonly isCutShort: boolean;
}

const id = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.constantFrom(
    '',
    '.',
    '..',
    '%2e%2e',
    '%00',
    '%',
    '%zz',
    '%c3%28',
    '__proto__',
    'constructor',
    'a'.repeat(3000),
    '%2f',
    '{id}',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }).map(encoded),
);
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('csv-profile', 'delay') },
  { weight: 1, arbitrary: id },
);

const path = fc.oneof(
  { weight: 8, arbitrary: operation.map((name) => `/api/operations/${name}`) },
  { weight: 4, arbitrary: id.map((text) => `/api/jobs/${text}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(id, fc.constantFrom('status', 'cancel', 'retry', 'x'))
      .map(([text, end]) => `/api/jobs/${text}/${end}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(id, fc.constantFrom('', '/retry', '/cancel'))
      .map(([text, end]) => `/api/operator/jobs/${text}${end}`),
  },
  { weight: 1, arbitrary: id.map((text) => `/api/docs/${text}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '/',
      '/api',
      '/api/',
      '/api//jobs',
      '/API/Operations',
      '/api/operations',
      '/api/uploads',
      '/api/operator/jobs',
      '/api/health',
      '/api/openapi.json',
      '/api/docs',
      '/api/demo',
      '/admin/host/status',
      '/api/jobs/../operations',
      '/runtime/webhooks/x',
      '//evil.example/api/operations',
    ),
  },
);

const word = fc.oneof(
  fc.constantFrom(
    '202',
    '404',
    'redirect',
    'stream',
    'link',
    '0',
    '1',
    '-1',
    '0.5',
    '1e9',
    'NaN',
    '',
    'html',
    'true',
    'Succeeded',
    ',',
    ';',
    '99999999999999999999',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const queryName = fc.constantFrom(
  'pending',
  'reply',
  'upload',
  'top',
  'skipToken',
  'status',
  'operation',
  'code',
  'format',
  'nulls',
  'delimiter',
  'id',
  'ref',
  '__proto__',
);
// A wait of more than a second would only make the run long.
const wait = fc.constantFrom('0', '1', '-1', 'x', '', '1.5', '1e3x');
const parameter = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(queryName, word) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('wait'), wait) },
);
const query = fc
  .array(parameter, { maxLength: 4 })
  .map((pairs) =>
    pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${encoded(value)}`).join('&')}`,
  );

/** What HTTP lets stand in a header. */
const headerValue = fc.oneof(
  fc.constantFrom(
    'application/json',
    'text/csv',
    'text/csv; charset=utf-16',
    'application/json;charset="utf-8"',
    'multipart/form-data; boundary=x',
    'a/b',
    '/',
    ';',
    'bytes=0-',
    'bytes=5-2',
    'bytes=-0',
    '"key"',
    '"',
    'wait=1',
    'respond-async, wait=0;x="y',
    '*',
    'https://evil.example',
    'evil.example',
    'http',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'aad',
    'gzip',
    '0',
    '100-continue',
  ),
  fc.string({ maxLength: 300 }).map((text) => text.replaceAll(/[^\t\x20-\x7e]/g, '').trim()),
  fc.uint8Array({ maxLength: 40 }).map((bytes) =>
    Buffer.from(bytes)
      .toString('latin1')
      .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ''),
  ),
);
const headerName = fc.constantFrom(
  'content-type',
  'prefer',
  'idempotency-key',
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'origin',
  'access-control-request-method',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-prefix',
  'x-forwarded-for',
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-ms-client-principal-idp',
  'x-ms-invocation-id',
  'x-functions-key',
  'traceparent',
  'tracestate',
  'accept',
  'content-encoding',
  'cookie',
  'authorization',
  'referer',
);
const headers = fc.dictionary(headerName, headerValue, { maxKeys: 5 });

const json = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.json().map((text) => text.slice(0, text.length / 2)),
  fc
    .record({
      seconds: fc.constantFrom<unknown>(0, 0.001, -1, '0', null, 'Infinity'),
      steps: fc.constantFrom<unknown>(1, 3, 0, 1.5, 'x', [], {}),
    })
    .map((value) => JSON.stringify(value)),
  fc
    .record({
      seconds: fc.constant(0),
      replyBytes: fc.constantFrom(0, 1, 70_000),
      outcome: fc.constantFrom('succeed', 'reject', 'x'),
    })
    .map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '{"__proto__":{"seconds":0}}',
    '{"seconds":0,"seconds":1}',
    `${'['.repeat(5000)}`,
    `{"seconds":0,"x":"${'y'.repeat(20_000)}"}`,
    '\u0000',
    '"\\ud800"',
    '{"seconds":1e-400}',
  ),
);
const csv = fc.array(
  fc.array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('"', '""', '1', '-0', '1e309', '=cmd()', '<script>'),
    ),
    { minLength: 1, maxLength: 5 },
  ),
  { maxLength: 8 },
);
const body = fc.oneof(
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: json.map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: csv.map((rows) => Buffer.from(rows.map((row) => row.join(',')).join('\n'))) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  {
    weight: 1,
    arbitrary: fc
      .string({ maxLength: 200 })
      .map((text) =>
        Buffer.from(
          `--x\r\nContent-Disposition: form-data; name="f"; filename="${text}"\r\n\r\n${text}\r\n--x`,
        ),
      ),
  },
);

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('POST', 'GET') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND', 'SEARCH', 'TRACE'),
  },
);

/** Requests that HTTP allows. */
export const httpInputs: fc.Arbitrary<HttpInput> = fc
  .record({
    method,
    path,
    query,
    headers,
    body,
    isChunked: fc.boolean(),
    isCutShort: fc.integer({ min: 0, max: 24 }).map((n) => n === 0),
    fits: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ path: where, query: what, headers: named, fits, ...rest }) => ({
    ...rest,
    target: `${where}${what}`,
    // Mostly of the type that the operation takes, or nothing would get past the first check.
    headers:
      fits === 0
        ? named
        : { ...named, 'content-type': where.includes('csv-profile') ? 'text/csv' : 'application/json' },
  }));

const line = fc.oneof(
  fc.constantFrom(
    'POST /api/operations/delay HTTP/1.1',
    'GET /api/health HTTP/1.1',
    'GET http://evil.example/api/health HTTP/1.1',
    'GET /api/health HTTP/9.9',
    'GET  /api/health  HTTP/1.1',
    'get /api/health',
    'POST /api/operations/csv-profile HTTP/1.0',
    '\x16\x03\x01',
    'PRI * HTTP/2.0',
  ),
  fc.string({ maxLength: 60 }),
);
const rawHeader = fc.constantFrom(
  'Host: x',
  'Host: a\r\nHost: b',
  'Content-Length: 5',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: xchunked',
  'Content-Type: application/json',
  'X: a\r\n b',
  ': x',
  'X\x00Y: z',
  'Connection: upgrade\r\nUpgrade: h2c',
  'Expect: 100-continue',
  'x-ms-invocation-id: 00000000-0000-0000-0000-000000000000',
);
const rawBody = fc.constantFrom(
  '',
  '{"seconds":0}',
  '0\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  'fffffffff\r\n',
  '0\r\n\r\nGET /api/operator/jobs HTTP/1.1\r\nHost: x\r\n\r\n',
);

/** Bytes that no HTTP client sends. */
export const rawInputs: fc.Arbitrary<Uint8Array> = fc
  .tuple(line, fc.array(rawHeader, { maxLength: 5 }), rawBody)
  .map(([first, named, end]) => Buffer.from(`${[first, ...named].join('\r\n')}\r\n\r\n${end}`, 'latin1'));

/** Percent-encoded; a half of a surrogate pair, which cannot be, becomes the replacement character. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** `?reply=stream`: the reply's bytes through the app, whole and by ranges. Large ones: test/memory/large-content.test.ts. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, ask, problemOf, type StartedJob, startDelay, untilEnded } from './api.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();

const SIZE_BYTES = 200_000;
/** What `delay` replies with: 0 to 255, again and again, begun anew every 64 KiB, which 256 divides. */
const reply = Buffer.from(Uint8Array.from({ length: SIZE_BYTES }, (_, index) => index % 256));
let job: StartedJob;

beforeAll(async () => {
  job = await startDelay(app(), { seconds: 0, replyBytes: SIZE_BYTES }, '?reply=stream');
  await untilEnded(app(), job);
});

const ranged = (range: string, headers: Record<string, string> = {}) =>
  ask(app(), 'GET', job.location, { headers: { range, ...headers } });

function expectWhole(answer: Answer): void {
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-length')).toBe(String(SIZE_BYTES));
  expect(answer.headers.get('content-range')).toBeNull();
  expect(answer.bytes.equals(reply)).toBe(true);
}

function expectPart(answer: Answer, offset: number, end: number): void {
  expect(answer.status).toBe(206);
  expect(answer.headers.get('content-range')).toBe(`bytes ${offset}-${end - 1}/${SIZE_BYTES}`);
  expect(answer.headers.get('content-length')).toBe(String(end - offset));
  expect(answer.bytes.equals(reply.subarray(offset, end))).toBe(true);
}

test('200 with the whole reply, its type, and headers that keep it from running as a page', async () => {
  const answer = await ask(app(), 'GET', job.location);
  expectWhole(answer);
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="delay.bin"');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('content-security-policy')).toMatch(
    /default-src 'none'.*sandbox|sandbox.*default-src 'none'/,
  );
  expect(answer.headers.get('accept-ranges')).toBe('bytes');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('etag')).toMatch(/^"\S+"$/);
});

test('HEAD: the same headers without the bytes', async () => {
  const [whole, bare] = [await ask(app(), 'GET', job.location), await ask(app(), 'HEAD', job.location)];
  expect(bare.status).toBe(200);
  expect(bare.bytes).toHaveLength(0);
  for (const name of ['content-type', 'content-length', 'content-disposition', 'etag', 'accept-ranges']) {
    expect([name, bare.headers.get(name)]).toEqual([name, whole.headers.get(name)]);
  }
});

describe('Range', () => {
  test.each([
    ['the first bytes', 'bytes=0-9', 0, 10],
    ['one byte', 'bytes=0-0', 0, 1],
    ['the middle', 'bytes=65530-131080', 65_530, 131_081],
    ['the last byte', `bytes=${SIZE_BYTES - 1}-${SIZE_BYTES - 1}`, SIZE_BYTES - 1, SIZE_BYTES],
    ['a suffix', 'bytes=-100', SIZE_BYTES - 100, SIZE_BYTES],
    ['a suffix longer than the reply', `bytes=-${SIZE_BYTES + 1}`, 0, SIZE_BYTES],
    ['open at its end', 'bytes=150000-', 150_000, SIZE_BYTES],
    ['beyond its end', `bytes=199990-${SIZE_BYTES * 2}`, 199_990, SIZE_BYTES],
    ['the unit in capitals', 'BYTES=0-9', 0, 10],
  ])('%s: 206', async (_, range, offset, end) => expectPart(await ranged(range), offset, end));

  test.each([`bytes=${SIZE_BYTES}-`, `bytes=${SIZE_BYTES}-${SIZE_BYTES + 5}`, 'bytes=-0'])(
    '%s: 416 with the size',
    async (range) => {
      const answer = await ranged(range);
      problemOf(answer, 416, 'range-not-satisfiable');
      expect(answer.headers.get('content-range')).toBe(`bytes */${SIZE_BYTES}`);
    },
  );

  test.each(['bytes=0-1,5-6', 'bytes=9-3', 'bytes=a-b', 'lines=0-1', 'bytes=-', ''])(
    '%j is ignored: the whole reply',
    async (range) => expectWhole(await ranged(range)),
  );

  test.each(['bytes=10-19', `bytes=${SIZE_BYTES}-`])('HEAD with %s: it is ignored', async (range) => {
    const bare = await ask(app(), 'HEAD', job.location, { headers: { range } });
    expect(bare.status).toBe(200);
    expect(bare.headers.get('content-length')).toBe(String(SIZE_BYTES));
    expect(bare.headers.get('content-range')).toBeNull();
    expect(bare.bytes).toHaveLength(0);
  });

  test('If-Range: the part where the ETag is still that of the reply, else all of it', async () => {
    const etag = (await ask(app(), 'HEAD', job.location)).headers.get('etag') ?? '';
    expectPart(await ranged('bytes=5-9', { 'if-range': etag }), 5, 10);
    expectWhole(await ranged('bytes=5-9', { 'if-range': '"another"' }));
    expectWhole(await ranged('bytes=5-9', { 'if-range': 'Tue, 24 Nov 2026 05:00:00 GMT' }));
  });
});

test('an empty reply: 200 and no bytes; no range of it can be had', async () => {
  const empty = await startDelay(app(), { seconds: 0, replyBytes: 0 }, '?reply=stream');
  await untilEnded(app(), empty);
  const answer = await ask(app(), 'GET', empty.location);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-length')).toBe('0');
  problemOf(
    await ask(app(), 'GET', empty.location, { headers: { range: 'bytes=0-' } }),
    416,
    'range-not-satisfiable',
  );
});

test('resourceLocation streams whatever dialect the job was started in', async () => {
  const other = await startDelay(app(), { seconds: 0 }, '?reply=link&pending=404');
  const { resourceLocation = '' } = await untilEnded(app(), other);
  const answer = await ask(app(), 'GET', resourceLocation);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toEqual({ ref: other.ref, seconds: 0, attempt: 1 });
});

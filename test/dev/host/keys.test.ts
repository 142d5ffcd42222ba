/** Authorization levels and keys, as the raw host and Azure enforce them. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { AppKeys } from '../../../dev/host/http/keys.ts';
import { useToyHosts } from './toy-hosts.ts';

const startToyHost = useToyHosts();

async function startKeyed(): Promise<{ url: string; keys: AppKeys; status: Status }> {
  const { host } = await startToyHost({ auth: true });
  if (host.keys === undefined) throw new Error('a host with auth has keys');
  const status: Status = async (path, headers = {}) =>
    (await fetch(`${host.url}${path}`, { headers })).status;
  return { url: host.url, keys: host.keys, status };
}
type Status = (path: string, headers?: Record<string, string>) => Promise<number>;

test('without auth every level answers, with or without a wrong key, and /admin too', async () => {
  const { host } = await startToyHost();
  for (const path of ['/api/keyed', '/api/master', '/api/keyed?code=wrong', '/admin/host/status']) {
    expect((await fetch(`${host.url}${path}`)).status).toBe(200);
  }
  expect(host.keys).toBeUndefined();
});

test('a function key, the host key and the master key open a function; only the master key opens admin', async () => {
  const { keys, status } = await startKeyed();
  const own = keys.functions.keyed ?? '';
  expect(await status(`/api/keyed?code=${own}`)).toBe(200);
  expect(await status(`/api/keyed?CODE=${keys.host}`)).toBe(200);
  expect(await status('/api/keyed', { 'x-functions-key': keys.master })).toBe(200);
  expect(await status(`/api/keyed?code=${keys.functions.hello}`)).toBe(401);
  expect(await status(`/api/master?code=${keys.host}`)).toBe(401);
  expect(await status(`/api/master?code=${keys.functions.master}`)).toBe(401);
  expect(await status(`/api/master?code=${keys.master}`)).toBe(200);
});

test('a missing or wrong key is an empty 401 without a challenge', async () => {
  const { url } = await startKeyed();
  for (const path of ['/api/keyed', '/api/keyed?code=', '/api/keyed?code=wrong', '/api/master']) {
    const response = await fetch(`${url}${path}`);
    expect([response.status, await response.text()]).toEqual([401, '']);
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(response.headers.get('content-length')).toBe('0');
  }
});

test('a caller that is refused in the middle of its body can send the rest, and reads the 401', async () => {
  const { url } = await startKeyed();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const head =
    'POST /api/keyed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n';
  socket.write(head);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
  socket.write(Buffer.alloc(500_000));
  await new Promise(setImmediate);
  socket.write(Buffer.alloc(500_000));
  // A reset would be an error, which `once` throws.
  await once(socket, 'close');
  expect(socket.bytesWritten).toBe(head.length + 1_000_000);
});

test('the header counts and not the query where both are sent', async () => {
  const { keys, status } = await startKeyed();
  expect(await status(`/api/keyed?code=${keys.host}`, { 'x-functions-key': 'wrong' })).toBe(401);
  expect(await status('/api/keyed?code=wrong', { 'x-functions-key': keys.host })).toBe(200);
});

test('an anonymous function ignores a wrong key, and an unknown route is 404 before it is 401', async () => {
  const { status } = await startKeyed();
  expect(await status('/api/hello?code=wrong')).toBe(200);
  expect(await status('/api/unknown')).toBe(404);
});

test('/admin asks for the master key with a challenge; ping does not', async () => {
  const { url, keys, status } = await startKeyed();
  const refused = await fetch(`${url}/admin/host/status?code=${keys.host}`);
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  expect(await status(`/admin/host/status?code=${keys.master}`)).toBe(200);
  expect(await status('/admin/host/ping')).toBe(200);
});

test('keys are kept in the data folder, for its owner alone', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'keys-'));
  try {
    const first = await startToyHost({ auth: true, dataDir });
    const second = await startToyHost({ auth: true, dataDir });
    expect(second.host.keys).toEqual(first.host.keys);
    expect(first.host.keys?.master).toMatch(/^[\w-]{44}AzFu[\w-]{8}$/);
    const file = join(dataDir, 'keys.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(first.host.keys);
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

import { describe, expect, test } from '@jest/globals';
import { ownerOfCaller, traceOf } from '../../src/http/caller.ts';
import { HttpRefusal } from '../../src/http/problem.ts';
import { ownerOf, refOf, SHARED_OWNER } from '../../src/jobs/identity.ts';
import { ID } from './jobs.ts';
import { requestOf } from './requests.ts';

const principal = (idp: string, id: string) => ({
  'x-ms-client-principal-idp': idp,
  'x-ms-client-principal-id': id,
});
const withHeaders = (headers: Record<string, string>) => requestOf('/api/jobs', { headers });

describe('without App Service authentication', () => {
  test('everybody is the shared owner, whatever principal a client claims to be', () => {
    const owner = ownerOfCaller({ appServiceAuthentication: false });
    expect(owner(withHeaders({}))).toBe(SHARED_OWNER);
    expect(owner(withHeaders(principal('aad', 'alice')))).toBe(SHARED_OWNER);
  });
});

describe('under App Service authentication', () => {
  const owner = ownerOfCaller({ appServiceAuthentication: true });

  test('the owner is made of identity provider and principal', () => {
    expect(owner(withHeaders(principal('aad', 'alice')))).toEqual(ownerOf('aad', 'alice'));
  });

  test('the same id has another ref for every other principal and identity provider', () => {
    const callers = [principal('aad', 'alice'), principal('aad', 'bob'), principal('google', 'alice')];
    const refs = callers.map((headers) => refOf(owner(withHeaders(headers)), ID));
    expect(new Set([...refs, refOf(SHARED_OWNER, ID)]).size).toBe(4);
  });

  test('what separates the two cannot be shifted', () => {
    const shifted = [principal('aad', 'xalice'), principal('aadx', 'alice')];
    const [one, other] = shifted.map((headers) => owner(withHeaders(headers)));
    expect(one).not.toEqual(other);
  });

  test.each([
    ['no header', {}],
    ['no identity provider', { 'x-ms-client-principal-id': 'alice' }],
    ['no principal', { 'x-ms-client-principal-idp': 'aad' }],
    ['an empty principal', principal('aad', '')],
  ])('%s is refused with a challenge', (_, headers) => {
    const refused = () => owner(withHeaders(headers));
    expect(refused).toThrow(HttpRefusal);
    expect(refused).toThrow(
      expect.objectContaining({ code: 'unauthenticated', headers: { 'www-authenticate': 'Bearer' } }),
    );
  });
});

describe('the trace of the caller', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  test('is taken from its headers', () => {
    expect(traceOf(withHeaders({ traceparent, tracestate: 'vendor=1' }))).toEqual({
      traceparent,
      tracestate: 'vendor=1',
    });
  });

  test.each(['', '00-xyz', `${traceparent}-more`, traceparent.toUpperCase(), '{"job":"x"}'])(
    "is none for '%s'",
    (bad) => {
      expect(traceOf(withHeaders({ traceparent: bad, tracestate: 'vendor=1' }))).toEqual({});
    },
  );

  test('leaves out a state that is too long for a message', () => {
    const trace = traceOf(withHeaders({ traceparent, tracestate: 'x'.repeat(513) }));
    expect(trace).toEqual({ traceparent, tracestate: undefined });
  });
});

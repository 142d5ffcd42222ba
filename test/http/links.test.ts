import { describe, expect, test } from '@jest/globals';
import { type LinkSettings, linksOf } from '../../src/http/links.ts';
import { ID } from './jobs.ts';
import { ORIGIN, requestOf } from './requests.ts';

const none: LinkSettings = {
  publicBaseUrl: undefined,
  hostUrl: undefined,
  trustForwardedHeaders: false,
  routePrefix: 'api',
};
const forwarded = {
  'x-forwarded-host': 'gateway.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-prefix': '/jobs',
};

function jobLink(settings: Partial<LinkSettings>, headers: Record<string, string> = {}): string {
  return linksOf(requestOf('/api/operations/csv-profile', { headers }), { ...none, ...settings }).job(ID, '');
}

describe('the origin of every URL is', () => {
  test('PUBLIC_BASE_URL before all else, its path prefix included', () => {
    const settings = {
      publicBaseUrl: 'https://api.example/work',
      hostUrl: 'https://app.azurewebsites.net',
      trustForwardedHeaders: true,
    };
    expect(jobLink(settings, forwarded)).toBe(`https://api.example/work/api/jobs/${ID}`);
  });

  test('without it the host of the platform', () => {
    expect(jobLink({ hostUrl: 'https://app.azurewebsites.net' })).toBe(
      `https://app.azurewebsites.net/api/jobs/${ID}`,
    );
  });

  test("with neither the request's own", () => {
    expect(jobLink({})).toBe(`${ORIGIN}/api/jobs/${ID}`);
  });

  test('what a trusted proxy forwards, before the host of the platform', () => {
    const settings = { trustForwardedHeaders: true, hostUrl: 'https://app.azurewebsites.net' };
    expect(jobLink(settings, forwarded)).toBe(`https://gateway.example/jobs/api/jobs/${ID}`);
  });

  test('never what is forwarded without trust', () => {
    expect(jobLink({}, forwarded)).toBe(`${ORIGIN}/api/jobs/${ID}`);
    expect(jobLink({ hostUrl: 'https://app.azurewebsites.net' }, forwarded)).toBe(
      `https://app.azurewebsites.net/api/jobs/${ID}`,
    );
  });
});

describe('of trusted forwarded headers', () => {
  const forwardedLink = (headers: Record<string, string>) =>
    jobLink({ trustForwardedHeaders: true }, { ...forwarded, ...headers });

  test('the first of a chain counts', () => {
    const headers = { 'x-forwarded-host': 'outer.example, inner', 'x-forwarded-proto': 'https, http' };
    expect(forwardedLink(headers)).toBe(`https://outer.example/jobs/api/jobs/${ID}`);
  });

  test.each(['gateway.example:8443', '10.0.0.7', '[::1]', '[2001:db8::7]:8443'])(
    'host %s is taken',
    (host) => {
      expect(forwardedLink({ 'x-forwarded-host': host })).toBe(`https://${host}/jobs/api/jobs/${ID}`);
    },
  );

  test.each([
    'evil.example/path',
    'user@evil.example',
    'evil.example?x=',
    'evil.example#',
    'evil.example\\@gateway.example',
    'evil example',
    'evil.example:port',
    '"><script>',
    '',
  ])("host '%s' is not, and neither is its scheme", (host) => {
    expect(forwardedLink({ 'x-forwarded-host': host })).toBe(`${ORIGIN}/api/jobs/${ID}`);
  });

  test.each(['javascript', 'ftp', 'https:', 'httpss', ''])("scheme '%s' is not", (scheme) => {
    expect(forwardedLink({ 'x-forwarded-proto': scheme })).toBe(`${ORIGIN}/api/jobs/${ID}`);
  });

  test.each(['//evil.example', 'jobs', '/jobs?x=', '/jobs#', '/jobs evil', '/%2e%2e'])(
    "prefix '%s' is left out",
    (prefix) => {
      expect(forwardedLink({ 'x-forwarded-prefix': prefix })).toBe(`https://gateway.example/api/jobs/${ID}`);
    },
  );

  test('a prefix with very many slashes is left out in time that grows with their number alone', () => {
    const prefix = `/jobs${'/'.repeat(100_000)}!`;
    const began = performance.now();
    expect(forwardedLink({ 'x-forwarded-prefix': prefix })).toBe(`https://gateway.example/api/jobs/${ID}`);
    // By their square it is more than 3 s.
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test.each(['/jobs/', '/jobs//', '/jobs'])("prefix '%s' is taken without a slash at its end", (prefix) => {
    expect(forwardedLink({ 'x-forwarded-prefix': prefix })).toBe(
      `https://gateway.example/jobs/api/jobs/${ID}`,
    );
  });
});

test.each([
  ['', ''],
  ['v1/work', '/v1/work'],
])("route prefix '%s' stands where it belongs", (routePrefix, expected) => {
  expect(jobLink({ routePrefix })).toBe(`${ORIGIN}${expected}/jobs/${ID}`);
});

test('each link names its route', () => {
  const links = linksOf(requestOf('/api/operations?code=secret'), none);
  expect(links.job(ID, '?reply=link')).toBe(`${ORIGIN}/api/jobs/${ID}?reply=link`);
  expect(links.jobMonitor(ID)).toBe(`${ORIGIN}/api/jobs/${ID}/status`);
  expect(links.jobReply(ID)).toBe(`${ORIGIN}/api/jobs/${ID}?reply=stream`);
  expect(links.operation('csv-profile')).toBe(`${ORIGIN}/api/operations/csv-profile`);
  expect(links.operatorJobs('?top=5')).toBe(`${ORIGIN}/api/operator/jobs?top=5`);
  expect(links.operatorJob('ref')).toBe(`${ORIGIN}/api/operator/jobs/ref`);
});

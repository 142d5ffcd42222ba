import { describe, expect, test } from '@jest/globals';
import { pathOf, routes, routeValue } from '../../src/http/route.ts';
import { requestOf } from './requests.ts';

const idIn = (path: string, route: string = routes.job) => routeValue(requestOf(path), route, 'id');

describe('a value of the path', () => {
  test.each([
    ['/api/jobs/abc', routes.job],
    ['/api/jobs/abc/', routes.job],
    ['/jobs/abc', routes.job],
    ['/v1/work/api/jobs/abc', routes.job],
    ['/API/JOBS/abc', routes.job],
    ['/api/jobs/abc/status', routes.jobMonitor],
    ['/api/jobs/abc/cancel?x=1', routes.jobCancel],
  ])('is found in %s', (path, route) => {
    expect(idIn(path, route)).toBe('abc');
  });

  test('is never one of the query, though the library mixes the two', () => {
    const request = requestOf('/api/jobs/abc?id=evil', { params: { id: 'evil' } });
    expect(routeValue(request, routes.job, 'id')).toBe('abc');
  });

  test('is decoded, and left as it is where it cannot be', () => {
    expect(idIn('/api/jobs/b%20c')).toBe('b c');
    expect(idIn('/api/jobs/a%2Fb')).toBe('a/b');
    expect(idIn('/api/jobs/%E0%A4%A')).toBe('%E0%A4%A');
  });

  test('is empty where the path has none', () => {
    expect(idIn('/api/jobs//status', routes.jobMonitor)).toBe('');
  });
});

test('a path is filled in with its values encoded', () => {
  expect(pathOf(routes.jobMonitor, { id: 'a/b c?' })).toBe('jobs/a%2Fb%20c%3F/status');
});

test('what is filled in is found again', () => {
  for (const route of [routes.job, routes.jobMonitor, routes.jobCancel]) {
    expect(idIn(`/api/${pathOf(route, { id: 'a/b?c d%' })}`, route)).toBe('a/b?c d%');
  }
});

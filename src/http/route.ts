/** The values in a request's path. */
import type { HttpRequest } from '@azure/functions';

/**
 * The value of `{name}` where `route` meets the end of the request's path. The library's `params` will not do: with
 * HTTP streams on they hold query parameters too, so that `?id=` could stand in for the path's id.
 */
export function routeValue(request: Pick<HttpRequest, 'url'>, route: string, name: string): string {
  const template = route.split('/');
  const path = new URL(request.url).pathname.replace(/\/+$/, '').split('/').slice(-template.length);
  const value = path[template.indexOf(`{${name}}`)] ?? '';
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Every HTTP route of the app, below the route prefix. */
export const routes = {
  operations: 'operations',
  operation: 'operations/{operation}',
  uploads: 'uploads',
  job: 'jobs/{id}',
  jobMonitor: 'jobs/{id}/status',
  jobCancel: 'jobs/{id}/cancel',
  operatorJobs: 'operator/jobs',
  operatorJob: 'operator/jobs/{ref}',
  operatorJobRetry: 'operator/jobs/{ref}/retry',
  operatorJobCancel: 'operator/jobs/{ref}/cancel',
  health: 'health',
  openApi: 'openapi.json',
  docs: 'docs',
  docsFile: 'docs/{file}',
  demo: 'demo',
  demoFile: 'demo/{file}',
} as const;

/** Fills a route's values in. */
export function pathOf(route: string, values: Readonly<Record<string, string>>): string {
  return route.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}

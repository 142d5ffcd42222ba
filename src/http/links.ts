/** Absolute URLs of the app: the one place where they are built. A key or any other credential never gets into one. */
import type { HttpRequest } from '@azure/functions';
import type { Config } from '../config.ts';
import { pathOf, routes } from './route.ts';

export type LinkSettings = Pick<
  Config,
  'publicBaseUrl' | 'hostUrl' | 'trustForwardedHeaders' | 'routePrefix'
>;

export interface Links {
  /** What stands before every route. */
  readonly api: string;
  /** The status endpoint of a job, in the caller's dialect. */
  job(id: string, dialectQuery: string): string;
  /** The status monitor of a job, for `Operation-Location` pollers. */
  jobMonitor(id: string): string;
  /** The reply through the app: the Azure SDK pipeline does not follow redirects to another origin. */
  jobReply(id: string): string;
  operation(name: string): string;
  operatorJobs(query: string): string;
  operatorJob(ref: string): string;
}

export function linksOf(request: Pick<HttpRequest, 'url' | 'headers'>, settings: LinkSettings): Links {
  const base = `${baseUrl(request, settings)}${settings.routePrefix === '' ? '' : `/${settings.routePrefix}`}`;
  const link = (route: string, values: Record<string, string> = {}) => `${base}/${pathOf(route, values)}`;
  return {
    api: base,
    job: (id, dialectQuery) => `${link(routes.job, { id })}${dialectQuery}`,
    jobMonitor: (id) => link(routes.jobMonitor, { id }),
    jobReply: (id) => `${link(routes.job, { id })}?reply=stream`,
    operation: (operation) => link(routes.operation, { operation }),
    operatorJobs: (query) => `${link(routes.operatorJobs)}${query}`,
    operatorJob: (ref) => link(routes.operatorJob, { ref }),
  };
}

const HOST = /^[a-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-f:.]+\](?::\d{1,5})?$/i;
const PREFIX = /^((?:\/[A-Za-z0-9._~-]+)*)\/*$/;

/** What stands before the route prefix. Forwarded headers count only where a trusted proxy sets them. */
function baseUrl({ url, headers }: Pick<HttpRequest, 'url' | 'headers'>, settings: LinkSettings): string {
  if (settings.publicBaseUrl !== undefined) return settings.publicBaseUrl;
  if (settings.trustForwardedHeaders) {
    // A chain of proxies appends; the first is the one the client spoke to.
    const first = (name: string) => headers.get(name)?.split(',')[0]?.trim() ?? '';
    const host = first('x-forwarded-host');
    const scheme = first('x-forwarded-proto');
    // Not trimmed by a pattern of its own: one that is anchored at the end alone tries each of a row of slashes.
    const [, prefix = ''] = PREFIX.exec(first('x-forwarded-prefix')) ?? [];
    if (HOST.test(host) && /^https?$/.test(scheme)) {
      return `${scheme}://${host}${prefix}`;
    }
  }
  return settings.hostUrl ?? new URL(url).origin;
}

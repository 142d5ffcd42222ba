/** The span of an HTTP request. It names the route and never the path: that has the job's id, which is a capability. */
import type { HttpHandler, HttpResponse } from '@azure/functions';
import { traceOf } from '../http/caller.ts';
import { parentOfRequest } from '../telemetry/invocation-trace.ts';
import { tracing } from '../telemetry/tracing.ts';

/** @param route with its prefix */
export function tracedRequest(route: string, handler: HttpHandler): HttpHandler {
  return function traced(request, context) {
    const span = {
      name: `${request.method} ${route}`,
      kind: 'server' as const,
      parent: parentOfRequest(traceOf(request), context),
      attributes: { 'http.request.method': request.method, 'http.route': route },
    };
    return tracing.trace(span, async () => {
      const response = (await handler(request, context)) as HttpResponse;
      tracing.describe({ 'http.response.status_code': response.status });
      return response;
    });
  };
}

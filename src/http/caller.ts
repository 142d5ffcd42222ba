/** Who calls: the owner of the jobs this caller may see. */
import type { HttpRequest } from '@azure/functions';
import { type Owner, ownerOf, SHARED_OWNER } from '../jobs/identity.ts';
import { TRACEPARENT, type TraceContext } from '../jobs/ports.ts';
import { HttpRefusal } from './problem.ts';

export type OwnerOfCaller = (request: Pick<HttpRequest, 'headers'>) => Owner;

/**
 * The X-MS-CLIENT-PRINCIPAL headers are believed only where App Service authentication is on: it removes a client's own.
 * It lets unauthenticated requests through to the app, since it would refuse preflights, so the app answers 401 itself.
 * The result throws HttpRefusal: `unauthenticated`.
 */
export function ownerOfCaller({
  appServiceAuthentication,
}: {
  appServiceAuthentication: boolean;
}): OwnerOfCaller {
  if (!appServiceAuthentication) return () => SHARED_OWNER;
  return function owner({ headers }) {
    const principalId = headers.get('x-ms-client-principal-id');
    const identityProvider = headers.get('x-ms-client-principal-idp');
    if (!principalId || !identityProvider) {
      throw new HttpRefusal('unauthenticated', 'This app wants callers to be signed in.', {
        headers: { 'www-authenticate': 'Bearer' },
      });
    }
    return ownerOf(identityProvider, principalId);
  };
}

/** The caller's trace (W3C Trace Context). The invocation's own is empty without Application Insights, so the header is read. */
export function traceOf({ headers }: Pick<HttpRequest, 'headers'>): TraceContext {
  const traceparent = headers.get('traceparent') ?? '';
  if (!TRACEPARENT.test(traceparent)) return {};
  const tracestate = headers.get('tracestate') ?? '';
  return { traceparent, tracestate: tracestate !== '' && tracestate.length <= 512 ? tracestate : undefined };
}

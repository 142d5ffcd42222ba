/** Stands before an app as App Service authentication does: a caller with the token is signed in, others pass as nobody. */
import { type Forwarder, startForwarder } from '../support/forwarder.ts';

export const TOKEN = 'a-token';

/** @param appUrl of an app with WEBSITE_AUTH_ENABLED; its own URLs then name the front, by which its callers come */
export function startSignedInFront(appUrl: () => string): Promise<Forwarder> {
  return startForwarder(
    () => Number(new URL(appUrl()).port),
    ({ headers }) =>
      headers.authorization === `Bearer ${TOKEN}`
        ? { set: { 'x-ms-client-principal-id': 'principal-ada', 'x-ms-client-principal-idp': 'aad' } }
        : {},
  );
}

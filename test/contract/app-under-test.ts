/** Where the app under test is, and with which keys its callers come. */
import { expect } from '@jest/globals';

export interface AppUnderTest {
  /** What stands before `/api`, without a slash at the end. */
  readonly url: string;
  /** The key of a function by its name, where callers need one. */
  keyOf?(functionName: string): string | undefined;
  /** Behind a proxy: the app's own host and port, which no caller can reach and no answer may name. */
  readonly innerHost?: string;
  /** Under App Service authentication: the URLs of the same app to somebody else who is signed in, and to who is not. */
  readonly others?: { readonly stranger: string; readonly nobody: string };
}

/** @param target a path from `/api` on, or a URL that the app made */
export function urlAt(app: AppUnderTest, target: string): URL {
  return new URL(target.startsWith('/') ? `${app.url}${target}` : target);
}

/** The path from `/api` on of a URL that the app made: as all of them it begins with the app's own. */
export function pathAt(app: AppUnderTest, url: string | null | undefined): string {
  expect(url?.slice(0, app.url.length + 1)).toBe(`${app.url}/`);
  return new URL(url?.slice(app.url.length) ?? '', app.url).pathname;
}

/** The app as anybody finds it: without a key, and not signed in. */
export function anonymously({ url, others }: AppUnderTest): AppUnderTest {
  return { url: others?.nobody ?? url };
}

/** The key that a request wants, where it wants one: a job's own URLs work without. */
export function keyFor(app: AppUnderTest, method: string, { pathname }: URL): Record<string, string> {
  const [, route = ''] = /\/api\/(.*)$/.exec(pathname) ?? [];
  const [name] = keyedFunctions.find(([, ofMethod, path]) => ofMethod === method && path.test(route)) ?? [];
  const key = name && app.keyOf?.(name);
  return key === undefined ? {} : { 'x-functions-key': key };
}

const keyedFunctions: readonly [name: string, method: string, route: RegExp][] = [
  ['start-operation', 'POST', /^operations\/[^/]*$/],
  ['create-upload', 'POST', /^uploads$/],
  ['operator-list-jobs', 'GET', /^operator\/jobs$/],
  ['operator-show-job', 'GET', /^operator\/jobs\/[^/]*$/],
  ['operator-delete-job', 'DELETE', /^operator\/jobs\/[^/]*$/],
  ['operator-retry-job', 'POST', /^operator\/jobs\/[^/]*\/retry$/],
  ['operator-cancel-job', 'POST', /^operator\/jobs\/[^/]*\/cancel$/],
];

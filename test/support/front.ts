/**
 * What stands between an app and its callers, for the contract suite (test/contract/hosts.ts): nothing, or what the app meets in
 * Azure. The tests are the same; only the app's URL, and the keys that callers have, are others.
 */
import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect } from '@jest/globals';
import type { LocalHost } from '../../dev/host/local-host.ts';
import type { AppUnderTest } from '../contract/app-under-test.ts';
import { type ContractHost, unwatched } from '../contract/hosts.ts';
import { askedHost } from './asked-host.ts';
import { type Forwarder, type Handling, startForwarder } from './forwarder.ts';

/** What a test may say itself: how callers come to its app, which app it is, or where its storage is. Then the run's word does not count. */
export interface FrontOptions {
  /** App settings beside those that every test wants; an empty text takes one of these away. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether keys are enforced. */
  readonly auth?: boolean;
  /** Default: the app as `npm run build` makes it. */
  readonly entry?: string;
  /** A folder that is deployed as it is, instead: its own host.json and package.json. */
  readonly appDir?: string;
}

export interface Front {
  /** How the app is set up to stand behind it. */
  readonly setup: FrontOptions;
  /** Leads callers to the app. Resolves with what they know of it. */
  leadTo(host: LocalHost): AppUnderTest;
  stop(): Promise<unknown>;
}

/** @throws {Error} where the run asks for a host that there is not. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const host = askedHost();
  const isOnHost = host !== 'local' && !saysOtherwise(host, options);
  if (isOnHost) report();
  return await fronts[isOnHost ? host : 'local']();
}

function saysOtherwise(host: ContractHost, { auth, settings = {}, entry, appDir }: FrontOptions): boolean {
  if (host === 'package') return entry !== undefined || appDir !== undefined;
  if (host === 'identity') return !('JobStorage__credential' in settings);
  return auth !== undefined || 'WEBSITE_AUTH_ENABLED' in settings || 'PUBLIC_BASE_URL' in settings;
}

/** Tells `npm run contract` that the file did start an app there. */
function report(): void {
  const { CONTRACT_REPORT } = process.env;
  if (CONTRACT_REPORT !== undefined) appendFileSync(CONTRACT_REPORT, `${expect.getState().testPath}\n`);
}

const none = { leadTo: ({ url }: LocalHost) => ({ url }), stop: async () => {} };

const fronts: Readonly<Record<ContractHost, () => Promise<Front>>> = {
  local: async () => ({ setup: {}, ...none }),

  async package() {
    const { CONTRACT_PACKAGE: appDir } = process.env;
    if (appDir === undefined)
      throw new Error('CONTRACT_PACKAGE names the folder that the package is unpacked in.');
    return { setup: { appDir }, ...none };
  },

  async proxy() {
    const prefix = '/gateway/requests';
    const front = await startLateForwarder(({ url = '' }, host) =>
      url.startsWith(`${prefix}/`)
        ? { path: url.slice(prefix.length), set: { host } }
        : { answer: { status: 404 } },
    );
    // The app is at 127.0.0.1: to it this is another name.
    const url = `http://localhost:${front.port}${prefix}`;
    return {
      setup: { settings: { PUBLIC_BASE_URL: url } },
      leadTo(host) {
        front.leadTo(host);
        return { url, innerHost: new URL(host.url).host };
      },
      stop: front.stop,
    };
  },

  /** Nothing stands before it: its storage is another (azurite.ts, storage-account.ts). */
  identity: async () => ({ setup: {}, ...none }),

  keys: async () => ({
    setup: { auth: true },
    ...none,
    leadTo: ({ url, keys }) => ({ url, keyOf: (name) => keys?.functions[name] }),
  }),

  async authentication() {
    const [owner, stranger, nobody] = await Promise.all([
      startLateForwarder(() => ({ set: principal('principal-ada') })),
      startLateForwarder(() => ({ set: principal('principal-bob') })),
      startLateForwarder(() => ({ set: principal(undefined) })),
    ]);
    const all = [owner, stranger, nobody];
    return {
      setup: { auth: true, settings: { WEBSITE_AUTH_ENABLED: 'true' } },
      leadTo(host) {
        for (const front of all) front.leadTo(host);
        const isOperators = (name: string) => name.startsWith('operator-');
        return {
          url: owner.url,
          innerHost: new URL(host.url).host,
          ...(!(basename(expect.getState().testPath ?? '') in unwatched) && {
            others: { stranger: stranger.url, nobody: nobody.url },
          }),
          keyOf: (name) => (isOperators(name) ? host.keys?.functions[name] : undefined),
        };
      },
      stop: () => Promise.all(all.map((front) => front.stop())),
    };
  },
};

/** App Service sets these of whom it has signed in, and takes a client's own away. */
function principal(id: string | undefined): Readonly<Record<string, string | undefined>> {
  return {
    'x-ms-client-principal': undefined,
    'x-ms-client-principal-name': undefined,
    'x-ms-client-principal-id': id,
    'x-ms-client-principal-idp': id && 'aad',
  };
}

/** Is there before the app, whose settings name it. */
async function startLateForwarder(
  handle: (
    incoming: Parameters<NonNullable<Parameters<typeof startForwarder>[1]>>[0],
    host: string,
  ) => Handling,
): Promise<Forwarder & { leadTo(host: LocalHost): void }> {
  let to = new URL('http://127.0.0.1');
  const forwarder = await startForwarder(
    () => Number(to.port),
    (incoming) => handle(incoming, to.host),
  );
  return {
    ...forwarder,
    leadTo({ url }) {
      to = new URL(url);
    },
  };
}

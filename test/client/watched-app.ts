/** An app that asks for keys, and a look at what its callers send on to storage. */
import { afterAll, beforeAll } from '@jest/globals';
import { emulatorConnectionString } from '../../dev/azurite.ts';
import { allowBrowsers } from '../../dev/storage-cors.ts';
import type { AppUnderTest } from '../contract/app-under-test.ts';
import { type Forwarder, type Seen, startForwarder } from '../support/forwarder.ts';
import { type FunctionApp, type FunctionAppOptions, startFunctionApp } from '../support/function-app.ts';
import { takeStorageAccount } from '../support/storage-account.ts';

export interface WatchedApp extends AppUnderTest {
  /** Opens starts, and nothing else. */
  readonly key: string;
  /** Opens uploads, and nothing else. */
  readonly uploadKey: string;
  /** Origin of replies and uploads. */
  readonly storageUrl: string;
  /** Requests to storage by the URL of a reply or an upload: a caller's, not the app's own. */
  readonly callersAtStorage: () => readonly Seen[];
}

/** One app for all tests of a file. */
export function useWatchedApp(options: Pick<FunctionAppOptions, 'settings'> = {}): () => WatchedApp {
  let app: FunctionApp | undefined;
  let storage: Forwarder | undefined;
  beforeAll(async () => {
    const { account, connectionString, blobPort, queuePort } = await takeStorageAccount();
    await allowBrowsers(connectionString);
    storage = await startForwarder(() => blobPort);
    const appConnectionString = emulatorConnectionString(account, { blob: storage.port, queue: queuePort });
    app = await startFunctionApp({ auth: true, connectionString, appConnectionString, ...options });
  });
  afterAll(async () => {
    await app?.stop();
    await storage?.stop();
  });
  return () => {
    if (app === undefined) throw new Error('The app is there from beforeAll on.');
    const keyOf = (name: string) => app?.host.keys?.functions[name];
    return {
      url: app.url,
      keyOf,
      key: keyOf('start-operation') ?? '',
      uploadKey: keyOf('create-upload') ?? '',
      storageUrl: storage?.url ?? '',
      callersAtStorage: () => storage?.seen.filter(({ path }) => /[?&]sig=/.test(path)) ?? [],
    };
  };
}

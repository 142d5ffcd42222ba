/**
 * What the test files of one jest run share. It lives in jest's own process, and the workers reach it over HTTP: one
 * Azurite, started when a file first asks for it, of which every file takes accounts of its own; for files that want storage as it
 * is in Azure another one, over https, with one certificate and one managed identity; and the list of the processes that tests started, so that one that outlives its test fails the run.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Azurite, type StorageAccount, startAzurite, type TlsFiles } from '../../dev/azurite.ts';
import { makeCertificate } from './certificate.ts';
import { isAlive } from './is-alive.ts';
import { type ManagedIdentity, startManagedIdentity } from './managed-identity.ts';

/** Where the workers find it. */
export const URL_VARIABLE = 'TEST_RUN_URL';

/** Far more than there are test files; Azurite is told all of them at its start. */
const ACCOUNTS = 800;

/** What `/accounts` takes. */
export interface WantedAccount {
  readonly isByIdentity: boolean;
}

/** What `/accounts` answers. */
export interface TakenAccount extends StorageAccount {
  readonly ports: { readonly blob: number; readonly queue: number; readonly table: number };
  /** Present where storage is reached by identity. */
  readonly tls?: TlsFiles;
}

/** What `/identity` answers. */
export interface TestIdentity {
  readonly tls: TlsFiles;
  readonly settings: ManagedIdentity['settings'];
}

/** What `/processes` takes. */
export interface TrackedProcess {
  readonly pid: number;
  readonly what: string;
  readonly testFile: string;
}

export interface TestRun {
  /**
   * Ends what is shared.
   * @throws {Error} naming every tracked process that is still alive.
   */
  stop(): Promise<void>;
}

/** Starts the server behind takeStorageAccount and trackProcess. */
export async function startTestRun(): Promise<TestRun> {
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => ({
    name: `test${index}`,
    key: Buffer.from('test').toString('base64'),
  }));
  const processes: TrackedProcess[] = [];
  let byKey: Promise<Azurite> | undefined;
  let byIdentity: Promise<Azurite> | undefined;
  let identity: Promise<RunIdentity> | undefined;
  const takeIdentity = () => {
    identity ??= startIdentity();
    return identity;
  };

  const answers: Record<string, (body: string) => unknown> = {
    '/accounts': async (body): Promise<TakenAccount> => {
      const { isByIdentity }: WantedAccount = JSON.parse(body);
      const { blobPort, queuePort, tablePort, tls } = await sharedAzurite(isByIdentity);
      const account = accounts.pop();
      if (account === undefined) throw new Error(`All ${ACCOUNTS} accounts are taken: raise ACCOUNTS.`);
      return {
        ...account,
        ports: { blob: blobPort, queue: queuePort, table: tablePort },
        ...(tls && { tls }),
      };
    },
    '/identity': async (): Promise<TestIdentity> => {
      const { tls, managed } = await takeIdentity();
      return { tls, settings: managed.settings };
    },
    '/processes': (body) => processes.push(JSON.parse(body)),
  };
  function sharedAzurite(isByIdentity: boolean): Promise<Azurite> {
    if (isByIdentity) {
      byIdentity ??= takeIdentity().then(({ tls }) => startAzurite({ accounts: [...accounts], tls }));
      return byIdentity;
    }
    byKey ??= startAzurite({ accounts: [...accounts] });
    return byKey;
  }
  const server = createServer(async (request, response) => {
    try {
      const answer = await answers[request.url ?? '']?.(await text(request));
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env[URL_VARIABLE] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    async stop() {
      await (await byKey)?.stop();
      await (await byIdentity)?.stop();
      await (await identity)?.stop();
      server.close();
      server.closeAllConnections();
      const leaked = processes.filter(({ pid }) => isAlive(pid));
      if (leaked.length === 0) return;
      const lines = leaked.map(({ pid, what, testFile }) => `  ${pid} ${what}, started by ${testFile}`);
      throw new Error(`Processes that tests started and did not stop:\n${lines.join('\n')}`);
    },
  };
}

interface RunIdentity {
  readonly tls: TlsFiles;
  readonly managed: ManagedIdentity;
  stop(): Promise<void>;
}

async function startIdentity(): Promise<RunIdentity> {
  const folder = await mkdtemp(join(tmpdir(), 'test-run-'));
  const [tls, managed] = await Promise.all([makeCertificate(folder), startManagedIdentity()]);
  return {
    tls,
    managed,
    async stop() {
      await managed.stop();
      await rm(folder, { recursive: true });
    },
  };
}

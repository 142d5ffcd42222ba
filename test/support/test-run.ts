/**
 * What the test files of one jest run share. It lives in jest's own process, and the workers reach it over HTTP: one
 * Azurite, started when a file first asks for it, of which every file takes accounts of its own, and the list of the
 * processes that tests started, so that one that outlives its test fails the run.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Azurite, type StorageAccount, startAzurite } from '../../dev/azurite.ts';
import { isAlive } from './is-alive.ts';

/** Where the workers find it. */
export const URL_VARIABLE = 'TEST_RUN_URL';

/** Far more than there are test files; Azurite is told all of them at its start. */
const ACCOUNTS = 800;

/** What `/accounts` answers. */
export interface TakenAccount extends StorageAccount {
  readonly ports: { readonly blob: number; readonly queue: number; readonly table: number };
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
  let azurite: Promise<Azurite> | undefined;

  const answers: Record<string, (body: string) => unknown> = {
    '/accounts': async (): Promise<TakenAccount> => {
      azurite ??= startAzurite({ accounts: [...accounts] });
      const { blobPort, queuePort, tablePort } = await azurite;
      const account = accounts.pop();
      if (account === undefined) throw new Error(`All ${ACCOUNTS} accounts are taken: raise ACCOUNTS.`);
      return { ...account, ports: { blob: blobPort, queue: queuePort, table: tablePort } };
    },
    '/processes': (body) => processes.push(JSON.parse(body)),
  };
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
      await (await azurite)?.stop();
      server.close();
      server.closeAllConnections();
      const leaked = processes.filter(({ pid }) => isAlive(pid));
      if (leaked.length === 0) return;
      const lines = leaked.map(({ pid, what, testFile }) => `  ${pid} ${what}, started by ${testFile}`);
      throw new Error(`Processes that tests started and did not stop:\n${lines.join('\n')}`);
    },
  };
}

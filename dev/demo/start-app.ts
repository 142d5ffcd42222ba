/** Everything the demo runs on: the app, built and on the local host, and a storage emulator of its own. */
import { join, resolve } from 'node:path';
import { startAzurite } from '../azurite.ts';
import { buildApp } from '../build.ts';
import { startLocalHost } from '../host/local-host.ts';

const LOG_LINES_KEPT = 20;

export interface DemoApp {
  /** Origin of the app, without a slash at the end. */
  readonly url: string;
  /** The end of the host's log, for when something goes wrong. */
  readonly log: readonly string[];
  /** Hands over each line of the host's log from now on, the app's included. Returns what ends that. */
  onLine(show: (line: string) => void): () => void;
  /** Ends both, waiting for what is in flight. */
  stop(): Promise<void>;
  /** Ends both at once. */
  kill(): Promise<void>;
}

/**
 * On free ports and with storage in memory, so that nothing on the machine is in its way or changed by it.
 * @param folder takes the bundle: a `npm run dev` that is running keeps its own.
 * @throws {Error} saying what did not start; nothing of it is left then.
 */
export async function startApp(folder: string): Promise<DemoApp> {
  const entry = await buildApp({ outFile: join(folder, 'app.cjs') });
  const azurite = await startAzurite();
  const log: string[] = [];
  const shown = new Set<(line: string) => void>();
  try {
    const host = await startLocalHost({
      appDir: resolve(import.meta.dirname, '../..'),
      entry,
      port: 0,
      settings: { AzureWebJobsStorage: azurite.connectionString },
      onLog(line) {
        log.push(line);
        if (log.length > LOG_LINES_KEPT) log.shift();
        for (const show of shown) show(line);
      },
    });
    return {
      url: host.url,
      log,
      onLine(show) {
        shown.add(show);
        return () => shown.delete(show);
      },
      stop: () => host.stop().finally(azurite.stop),
      kill: () => host.kill().finally(azurite.stop),
    };
  } catch (error) {
    await azurite.stop();
    throw error;
  }
}

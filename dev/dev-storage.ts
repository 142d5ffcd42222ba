/** The storage of `npm run dev` and `npm start`: their own Azurite, or the one that already listens there. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { BlobServiceClient, RestError } from '@azure/storage-blob';
import { emulatorAccount, emulatorConnectionString, startAzurite } from './azurite.ts';
import type { DevOptions } from './command-line.ts';
import { SettingError } from './host/local-host.ts';
import { allowBrowsers } from './storage-cors.ts';

export interface DevStorage {
  readonly connectionString: string;
  /** For whoever reads the terminal. */
  readonly description: string;
  /** Ends what was started here; storage that was there before stays. */
  stop(): Promise<void>;
}

const EMULATOR = 'UseDevelopmentStorage=true';

/**
 * The storage that AzureWebJobsStorage names, used as it is, or the emulator.
 * @throws {SettingError} when a port of the emulator is taken by something else, or the folder cannot be made.
 */
export async function openWantedStorage(
  wanted: string | undefined,
  options: DevOptions,
): Promise<DevStorage> {
  if (wanted !== undefined && wanted !== EMULATOR) {
    return { connectionString: wanted, description: 'as AzureWebJobsStorage says', stop: async () => {} };
  }
  checkApart(options);
  return openDevStorage(options.storagePort, resolve(options.dataDir));
}

/** Storage is there first: whoever wants one of its ports as well would be told that something has it, and not what. */
function checkApart({ port, inspectPort, storagePort }: DevOptions): void {
  const last = storagePort + 2;
  for (const [option, wanted] of [
    ['--port', port],
    ['--inspect', inspectPort],
  ] as const) {
    if (wanted === undefined || wanted < storagePort || wanted > last) continue;
    throw new SettingError(
      `${option} is ${wanted}, which storage takes too: ${storagePort} to ${last} (--storage-port). Choose another for one of them.`,
    );
  }
}

/**
 * @param port of blob storage; queue and table are on the next two.
 * @throws {SettingError} when a port is taken by something else, or the folder cannot be made.
 */
export async function openDevStorage(port: number, dataDir: string): Promise<DevStorage> {
  const ports = { blob: port, queue: port + 1, table: port + 2 };
  if ((await isListening(ports.blob)) && (await isListening(ports.queue))) {
    const connectionString = emulatorConnectionString(emulatorAccount, ports);
    await checkStorage(connectionString, port);
    return { connectionString, description: `already listening on port ${port}`, stop: async () => {} };
  }
  makeFolder(dataDir);
  const azurite = await startAzurite({
    blobPort: ports.blob,
    queuePort: ports.queue,
    tablePort: ports.table,
    dataDir,
  }).catch((error: Error) => {
    throw new SettingError(error.message);
  });
  await allowBrowsers(azurite.connectionString);
  return {
    connectionString: azurite.connectionString,
    description: `embedded, on port ${port}, kept in ${dataDir}`,
    stop: azurite.stop,
  };
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    throw new SettingError(`--data is '${dataDir}', which cannot be a folder: ${(error as Error).message}`);
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function checkStorage(connectionString: string, port: number): Promise<void> {
  try {
    const options = { retryOptions: { maxTries: 1 } };
    await BlobServiceClient.fromConnectionString(connectionString, options).getProperties();
  } catch (error) {
    if (error instanceof RestError && /API version/i.test(error.message)) {
      throw new SettingError(
        `The storage on port ${port} refuses the SDK's API version: start it with azurite --skipApiVersionCheck.`,
      );
    }
    throw new SettingError(
      `Port ${port} (--storage-port) is in use, and not by storage: ${(error as Error).message.split('\n')[0]}`,
    );
  }
}

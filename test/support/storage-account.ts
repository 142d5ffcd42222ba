/**
 * A storage account of a test file's own in the Azurite that the whole run shares, so that files run side by side
 * without seeing each other; where the file runs by identity, in one that speaks https. Nothing to stop: the run ends the Azurite.
 */
import { emulatorConnectionString, type TlsFiles } from '../../dev/azurite.ts';
import { askTestRun } from './ask-test-run.ts';
import { askedHost } from './asked-host.ts';
import { takeIdentity } from './identity.ts';
import type { TakenAccount, WantedAccount } from './test-run.ts';

export interface TestStorageAccount {
  readonly account: { readonly name: string; readonly key: string };
  readonly connectionString: string;
  readonly blobPort: number;
  readonly queuePort: number;
  readonly tablePort: number;
  /** Present where storage is reached by identity. */
  readonly tls?: TlsFiles;
}

/** Takes an empty account; each call gives another one. */
export async function takeStorageAccount(): Promise<TestStorageAccount> {
  const wanted: WantedAccount = { isByIdentity: askedHost() === 'identity' };
  const { name, key, ports, tls } = (await askTestRun('/accounts', wanted)) as TakenAccount;
  if (tls !== undefined) await takeIdentity();
  return {
    account: { name, key },
    connectionString: emulatorConnectionString({ name, key }, ports, tls && 'https'),
    blobPort: ports.blob,
    queuePort: ports.queue,
    tablePort: ports.table,
    ...(tls && { tls }),
  };
}

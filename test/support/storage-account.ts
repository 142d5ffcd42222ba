/**
 * A storage account of a test file's own in the Azurite that the whole run shares, so that files run side by side
 * without seeing each other. Nothing to stop: the run ends the Azurite.
 */
import { emulatorConnectionString } from '../../dev/azurite.ts';
import { askTestRun } from './ask-test-run.ts';
import type { TakenAccount } from './test-run.ts';

export interface TestStorageAccount {
  readonly account: { readonly name: string; readonly key: string };
  readonly connectionString: string;
  readonly blobPort: number;
  readonly queuePort: number;
  readonly tablePort: number;
}

/** Takes an empty account; each call gives another one. */
export async function takeStorageAccount(): Promise<TestStorageAccount> {
  const { name, key, ports } = (await askTestRun('/accounts')) as TakenAccount;
  return {
    account: { name, key },
    connectionString: emulatorConnectionString({ name, key }, ports),
    blobPort: ports.blob,
    queuePort: ports.queue,
    tablePort: ports.table,
  };
}

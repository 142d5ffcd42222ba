/** A container of the app's own clients, in an account of its own and behind a proxy. */
import type { ContainerClient } from '@azure/storage-blob';
import { type StorageProxy, startStorageProxy } from '../../../dev/storage-proxy.ts';
import { storageClients } from '../../../src/storage/clients.ts';
import { takeStorageAccount } from '../../support/storage-account.ts';

/** Makes it; whoever calls stops the proxy. */
export async function proxiedContainer(
  name: string,
): Promise<{ proxy: StorageProxy; container: ContainerClient }> {
  const storage = await takeStorageAccount();
  const proxy = await startStorageProxy(storage);
  const connectionString = proxy.connectionStringOf(storage.account);
  const { blobs } = storageClients(
    { kind: 'connection-string', name: 'JobStorage', connectionString },
    'work',
  );
  const container = blobs.getContainerClient(name);
  await container.create();
  return { proxy, container };
}

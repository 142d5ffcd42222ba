/** The SDK's clients, made once from the connection. */
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { StorageConnection } from './connection.ts';

export interface StorageClients {
  readonly blobs: BlobServiceClient;
  readonly queues: QueueServiceClient;
}

/** Few and short retries: a queue delivers again, and a client is told to come again. */
const PIPELINE = {
  retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000 },
};

/** @param credential instead of the identity's own, for tests */
export function storageClients(connection: StorageConnection, credential?: TokenCredential): StorageClients {
  if (connection.kind === 'connection-string') {
    return {
      blobs: BlobServiceClient.fromConnectionString(connection.connectionString, PIPELINE),
      queues: QueueServiceClient.fromConnectionString(connection.connectionString, PIPELINE),
    };
  }
  const identity = credential ?? credentialOf(connection);
  return {
    blobs: new BlobServiceClient(connection.blobServiceUri, identity, PIPELINE),
    queues: new QueueServiceClient(connection.queueServiceUri, identity, PIPELINE),
  };
}

function credentialOf({
  clientId,
  isManagedIdentity,
}: StorageConnection & { kind: 'identity' }): TokenCredential {
  if (isManagedIdentity) {
    return clientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId });
  }
  return clientId === undefined
    ? new DefaultAzureCredential()
    : new DefaultAzureCredential({ managedIdentityClientId: clientId });
}

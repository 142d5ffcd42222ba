/** What the tests of Azurite's behaviour share: blobs to act on, and the outcome of a call in one line. */
import { randomUUID } from 'node:crypto';
import { BlobServiceClient, type BlockBlobClient, type ContainerClient } from '@azure/storage-blob';

/** Makes a container in an account. The SDK retries nothing, so that one call is one request. */
export async function newContainer(connectionString: string): Promise<ContainerClient> {
  const service = BlobServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } });
  const container = service.getContainerClient(randomUUID());
  await container.create();
  return container;
}

/** Puts a blob as a pending job has it. */
export async function newBlob(container: ContainerClient): Promise<BlockBlobClient> {
  const blob = container.getBlockBlobClient(randomUUID());
  await blob.upload('request', 7, {
    metadata: { state: 'Pending' },
    blobHTTPHeaders: { blobContentType: 'text/csv' },
  });
  return blob;
}

/** The ETag a blob has now. */
export async function etagOf(blob: BlockBlobClient): Promise<string> {
  return (await blob.getProperties()).etag ?? '';
}

interface Answer {
  _response: { status: number };
}

/** @returns `'201'`, or for a refusal `'412 ConditionNotMet'`. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    return String(((await call) as Answer)._response.status);
  } catch (error) {
    const { statusCode, code } = error as { statusCode?: number; code?: string };
    if (statusCode === undefined) throw error;
    return code === undefined ? String(statusCode) : `${statusCode} ${code}`;
  }
}

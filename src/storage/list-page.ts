/** One page of List Blobs. */
import type { ContainerClient, ContainerListBlobsOptions } from '@azure/storage-blob';
import { MarkerUnknown } from '../jobs/errors.ts';
import { calling, isRefusedAsInvalid } from './storage-errors.ts';

/** Undefined where there is no page any more. Throws MarkerUnknown, StorageUnavailable. */
export async function listPage(
  container: ContainerClient,
  { size, marker }: { size: number; marker?: string | undefined },
  options: ContainerListBlobsOptions = {},
) {
  const pages = container.listBlobsFlat(options).byPage({
    maxPageSize: size,
    ...(marker !== undefined && { continuationToken: marker }),
  });
  const next = await calling('List Blobs', () => pages.next()).catch((error: Error) => {
    if (marker !== undefined && isRefusedAsInvalid(error.cause)) throw new MarkerUnknown({ cause: error });
    throw error;
  });
  return next.done ? undefined : next.value;
}

/** List Blobs leaves out the quotes that every other call has. */
export function quoted(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`;
}

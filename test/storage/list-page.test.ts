/** What List Blobs refuses on Azure and Azurite does not: a marker that is none. */
import { type ContainerClient, RestError } from '@azure/storage-blob';
import { expect, test } from '@jest/globals';
import { MarkerUnknown, StorageUnavailable } from '../../src/jobs/errors.ts';
import { listPage } from '../../src/storage/list-page.ts';

/** A container whose every page is refused with this status. */
function refusing(statusCode: number): ContainerClient {
  const next = () => Promise.reject(new RestError('refused', { statusCode }));
  return { listBlobsFlat: () => ({ byPage: () => ({ next }) }) } as unknown as ContainerClient;
}

test.each([
  ['a marker that makes no sense', 400, 'x', MarkerUnknown],
  ['a first page', 400, undefined, StorageUnavailable],
  ['any other fault', 503, 'x', StorageUnavailable],
])('%s: a status of %i', async (_, status, marker, error) => {
  await expect(listPage(refusing(status), { size: 1, marker })).rejects.toBeInstanceOf(error);
});

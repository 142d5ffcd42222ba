/** What the SDK throws, in the two errors that the domain knows. */
import { BlobServiceClient, RestError } from '@azure/storage-blob';
import { describe, expect, test } from '@jest/globals';
import { ConditionLost, StorageUnavailable } from '../../src/jobs/errors.ts';
import { jobBlobs } from '../../src/storage/job-blobs.ts';
import { storageClock } from '../../src/storage/storage-clock.ts';
import { calling, callingMaybe } from '../../src/storage/storage-errors.ts';
import { newRef } from '../jobs/support/arranged-job.ts';
import { takeStorageAccount } from '../support/storage-account.ts';

const refusing = (statusCode: number, code: string) => async () => {
  throw new RestError('refused', { statusCode, code });
};

describe('a condition was lost', () => {
  test.each([
    [412, 'ConditionNotMet'],
    [412, 'LeaseIdMissing'],
    [409, 'BlobAlreadyExists'],
    [409, 'LeaseAlreadyPresent'],
    [404, 'BlobNotFound'],
    [400, 'InvalidBlockList'],
    [400, 'InvalidBlobOrBlock'],
  ])('%d %s', async (statusCode, code) => {
    await expect(calling('Put Blob', refusing(statusCode, code))).rejects.toThrow(ConditionLost);
  });
});

describe('storage is not to be had', () => {
  test.each([
    [503, 'ServerBusy'],
    [500, 'OperationTimedOut'],
    [429, 'TooManyRequests'],
    [403, 'AuthorizationFailure'],
    [400, 'InvalidHeaderValue'],
    [404, 'ContainerNotFound'],
    [409, 'ContainerBeingDeleted'],
    [404, 'QueueNotFound'],
    [409, 'QueueBeingDeleted'],
  ])('%d %s', async (statusCode, code) => {
    const refused = refusing(statusCode, code);
    await expect(calling('Put Message', refused)).rejects.toThrow(StorageUnavailable);
    await expect(callingMaybe('Get Blob', refused)).rejects.toThrow(StorageUnavailable);
  });

  test('when the connection fails, or a token cannot be had; what happened is the cause', async () => {
    const cause = new Error('ECONNREFUSED');
    const failing = () => Promise.reject(cause);
    await expect(calling('Get Blob', failing)).rejects.toMatchObject({
      name: 'StorageUnavailable',
      message: 'Get Blob: storage did not answer',
      cause,
    });
  });
});

test('a blob that is not there is no error where that is an answer', async () => {
  expect(await callingMaybe('Get Blob', refusing(404, 'BlobNotFound'))).toBeUndefined();
  await expect(callingMaybe('Get Blob', refusing(412, 'ConditionNotMet'))).rejects.toThrow(ConditionLost);
});

test('a container that is not there is told from a blob that is not, without a body to say so', async () => {
  const { connectionString } = await takeStorageAccount();
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('jobs');
  const store = jobBlobs(container, storageClock());
  await expect(store.look(newRef())).rejects.toThrow(StorageUnavailable);
  await expect(store.take(newRef())).rejects.toThrow(StorageUnavailable);
  await container.create();
  expect(await store.look(newRef())).toBeUndefined();
  expect(await store.take(newRef())).toBeUndefined();
});

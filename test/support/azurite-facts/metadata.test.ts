/** What metadata survives the way to storage and back, by Get Blob Properties and by List Blobs. */
import type { ContainerClient } from '@azure/storage-blob';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { takeStorageAccount } from '../storage-account.ts';
import { newBlob, newContainer, outcome } from './blobs.ts';

let container: ContainerClient;

beforeAll(async () => {
  container = await newContainer((await takeStorageAccount()).connectionString);
});

async function roundTrip(metadata: Record<string, string>) {
  const blob = await newBlob(container);
  await blob.setMetadata(metadata);
  const [item] = (await container.listBlobsFlat({ prefix: blob.name, includeMetadata: true }).byPage().next())
    .value.segment.blobItems;
  return { read: (await blob.getProperties()).metadata, listed: item.metadata as Record<string, string> };
}

test('every printable ASCII character comes back, read and listed', async () => {
  const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join('');
  const { read, listed } = await roundTrip({ value: `a ${printable}` });
  expect(read).toEqual({ value: `a ${printable}` });
  expect(listed).toEqual({ value: `a ${printable}` });
});

test('upper case in a name is lost when read and kept when listed: names are lower case', async () => {
  const { read, listed } = await roundTrip({ notBefore: '1' });
  expect(read).toEqual({ notbefore: '1' });
  expect(listed).toEqual({ notBefore: '1' });
});

test('spaces around a value are lost, and an empty value is no value', async () => {
  const { read } = await roundTrip({ spaced: ' a b ', empty: '', full: '1' });
  expect(read).toEqual({ spaced: 'a b', full: '1' });
});

describe('names', () => {
  test.each([
    ['percent', '200'],
    ['a1', '200'],
    ['_a', '200'],
    ['a-b', '400 InvalidMetadata'],
    ['1a', '400 InvalidMetadata'],
  ])('%s: %s', async (name, expected) => {
    expect(await outcome((await newBlob(container)).setMetadata({ [name]: '1' }))).toBe(expected);
  });
});

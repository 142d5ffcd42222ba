/** The sweep's place, against Azurite: what it costs whoever gets it, and the others. */
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import type { SweepPlace } from '../../src/jobs/ports.ts';
import { sweepBlob } from '../../src/storage/sweep-blob.ts';
import { proxiedContainer } from './support/proxied-container.ts';

let proxy: StorageProxy | undefined;
let place: SweepPlace;

async function stopProxy(): Promise<void> {
  await proxy?.stop();
  proxy = undefined;
}
afterAll(stopProxy);
beforeEach(async () => {
  await stopProxy();
  const made = await proxiedContainer('app');
  proxy = made.proxy;
  place = sweepBlob(made.container);
});

async function callsOf(act: () => Promise<unknown>): Promise<string[]> {
  proxy?.reset();
  await act();
  return (proxy?.calls ?? []).map(({ operation }) => operation);
}

test('the first sweeper of all makes it', async () => {
  expect(await callsOf(() => place.begin())).toEqual([
    'Lease Blob: acquire',
    'Put Blob',
    'Lease Blob: acquire',
    'Get Blob Properties',
  ]);
});

test('a sweeper who comes while another is at work is refused by one call', async () => {
  const begun = await place.begin();
  expect(begun).toEqual({ lease: expect.any(String), marker: undefined });
  expect(
    await callsOf(async () => {
      expect(await place.begin()).toBeUndefined();
    }),
  ).toEqual(['Lease Blob: acquire']);
});

test('the next goes on where the last stopped', async () => {
  const begun = await place.begin();
  if (begun === undefined) throw new Error('There is another sweeper.');
  expect(await callsOf(() => place.end(begun, 'jobs:here'))).toEqual([
    'Set Blob Metadata',
    'Lease Blob: release',
  ]);
  expect(await place.begin()).toMatchObject({ marker: 'jobs:here' });
});

/** What each state of a lease lets through, and what it becomes: docs/design.md, sections 2 and 7, rest on these. */
import { randomUUID } from 'node:crypto';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestAzurite, type TestAzurite } from '../azurite.ts';
import { etagOf, newBlob, newContainer, outcome } from './blobs.ts';

let azurite: TestAzurite;
let container: ContainerClient;

beforeAll(async () => {
  azurite = await startTestAzurite();
  container = await newContainer(azurite.connectionString);
});

afterAll(() => azurite.stop());

const OWN = randomUUID();
const OTHER = randomUUID();
const own = { conditions: { leaseId: OWN } };
const lease = (blob: BlockBlobClient, id: string) => blob.getBlobLeaseClient(id);

const states: Record<string, (blob: BlockBlobClient) => Promise<unknown>> = {
  available: async () => {},
  leased: (blob) => lease(blob, OWN).acquireLease(30),
  async expired(blob) {
    await lease(blob, OWN).acquireLease(30);
    await azurite.advance(31);
  },
  async broken(blob) {
    await lease(blob, OWN).acquireLease(30);
    await lease(blob, OWN).breakLease(0);
  },
};

const calls: Record<string, (blob: BlockBlobClient) => Promise<unknown>> = {
  'acquire with the own id': (blob) => lease(blob, OWN).acquireLease(30),
  'acquire with another id': (blob) => lease(blob, OTHER).acquireLease(30),
  renew: (blob) => lease(blob, OWN).renewLease(),
  'renew with another id': (blob) => lease(blob, OTHER).renewLease(),
  release: (blob) => lease(blob, OWN).releaseLease(),
  break: (blob) => lease(blob, OTHER).breakLease(0),
  'set metadata': (blob) => blob.setMetadata({ state: 'Canceled' }),
  'set metadata with the own id': (blob) => blob.setMetadata({ state: 'Canceled' }, own),
  'put blob': (blob) => blob.upload('reply', 5),
  'put blob with the own id': (blob) => blob.upload('reply', 5, own),
  'put block': (blob) => blob.stageBlock('AAAA', 'reply', 5),
  'put block with the own id': (blob) => blob.stageBlock('AAAA', 'reply', 5, own),
  'put block list': (blob) => blob.commitBlockList([]),
  'put block list with the own id': (blob) => blob.commitBlockList([], own),
  'get blob': (blob) => blob.download(),
  delete: (blob) => blob.delete(),
  'delete with the own id': (blob) => blob.delete(own),
};

/** The outcome, the state after it, and whether the ETag stayed. Without an entry: refused, nothing changed. */
type Row = readonly [call: string, outcome: string, stateAfter: string, etag: 'same' | 'new'];

const NO_LEASE = '412 LeaseNotPresentWithBlobOperation';
const NO_ID = '412 LeaseIdMissing';
const OTHER_ID = '409 LeaseIdMismatchWithLeaseOperation';

/** Expired and broken leases keep nobody out, and the first write by anybody clears them. */
const lapsed = (state: string): Row[] => [
  ['acquire with the own id', '201', 'leased', 'same'],
  ['acquire with another id', '201', 'leased', 'same'],
  ['release', '200', 'available', 'same'],
  ['break', '202', 'broken', 'same'],
  ['set metadata', '200', 'available', 'new'],
  ['set metadata with the own id', NO_LEASE, state, 'same'],
  ['put blob', '201', 'available', 'new'],
  ['put blob with the own id', NO_LEASE, state, 'same'],
  ['put block', '201', 'available', 'same'],
  ['put block with the own id', NO_LEASE, state, 'same'],
  ['put block list', '201', 'available', 'new'],
  ['put block list with the own id', NO_LEASE, state, 'same'],
  ['get blob', '200', state, 'same'],
  ['delete', '202', 'gone', 'new'],
  ['delete with the own id', NO_LEASE, state, 'same'],
];

const rows: Record<string, Row[]> = {
  available: [
    ['acquire with the own id', '201', 'leased', 'same'],
    ['renew', OTHER_ID, 'available', 'same'],
    ['release', OTHER_ID, 'available', 'same'],
    ['break', '409 LeaseNotPresentWithLeaseOperation', 'available', 'same'],
    ['set metadata', '200', 'available', 'new'],
    ['set metadata with the own id', NO_LEASE, 'available', 'same'],
    ['put blob with the own id', NO_LEASE, 'available', 'same'],
    ['delete', '202', 'gone', 'new'],
  ],
  leased: [
    ['acquire with the own id', '201', 'leased', 'same'],
    ['acquire with another id', '409 LeaseAlreadyPresent', 'leased', 'same'],
    ['renew', '200', 'leased', 'same'],
    ['renew with another id', OTHER_ID, 'leased', 'same'],
    ['release', '200', 'available', 'same'],
    ['break', '202', 'broken', 'same'],
    ['set metadata', NO_ID, 'leased', 'same'],
    ['set metadata with the own id', '200', 'leased', 'new'],
    ['put blob', NO_ID, 'leased', 'same'],
    ['put blob with the own id', '201', 'leased', 'new'],
    ['put block', NO_ID, 'leased', 'same'],
    ['put block with the own id', '201', 'leased', 'same'],
    ['put block list', NO_ID, 'leased', 'same'],
    ['put block list with the own id', '201', 'leased', 'new'],
    ['get blob', '200', 'leased', 'same'],
    ['delete', NO_ID, 'leased', 'same'],
    ['delete with the own id', '202', 'gone', 'new'],
  ],
  expired: [
    ...lapsed('expired'),
    ['renew', '200', 'leased', 'same'],
    // Azurite looks at the id only while the lease is live. Azure is expected to refuse with 409; not tried there.
    ['renew with another id', '200', 'leased', 'same'],
  ],
  broken: [
    ...lapsed('broken'),
    ['renew', '409 LeaseIsBrokenAndCannotBeRenewed', 'broken', 'same'],
    ['renew with another id', OTHER_ID, 'broken', 'same'],
  ],
};

async function stateOf(blob: BlockBlobClient) {
  if (!(await blob.exists())) return { leaseState: 'gone', etag: undefined };
  return await blob.getProperties();
}

describe.each(Object.keys(rows))('on a lease that is %s', (state) => {
  test.each(rows[state] ?? [])('%s: %s, then %s, the ETag %s', async (name, expected, stateAfter, etag) => {
    const blob = await newBlob(container);
    await states[state]?.(blob);
    const before = await stateOf(blob);
    expect(before.leaseState).toBe(state);

    expect(await outcome(calls[name]?.(blob) ?? Promise.reject())).toBe(expected);
    const after = await stateOf(blob);
    expect(after.leaseState).toBe(stateAfter);
    expect(after.etag === before.etag ? 'same' : 'new').toBe(etag);
  });
});

test.each(['set metadata', 'put blob', 'put block list'])(
  'an expired lease is not renewed after somebody else wrote: %s',
  async (write) => {
    const blob = await newBlob(container);
    await states.expired?.(blob);
    await calls[write]?.(blob);
    expect(await outcome(lease(blob, OWN).renewLease())).toBe(OTHER_ID);
  },
);

test('renewing counts the lease from then on', async () => {
  const blob = await newBlob(container);
  await lease(blob, OWN).acquireLease(30);
  await azurite.advance(20);
  await lease(blob, OWN).renewLease();
  await azurite.advance(20);
  expect((await stateOf(blob)).leaseState).toBe('leased');
});

test('If-Match does not see a break: acquiring over a broken lease with the ETag of before it succeeds', async () => {
  const blob = await newBlob(container);
  const ifMatch = await etagOf(blob);
  await states.broken?.(blob);
  expect(await outcome(lease(blob, OTHER).acquireLease(30, { conditions: { ifMatch } }))).toBe('201');
});

test('acquire with an ETag of the past is refused', async () => {
  const blob = await newBlob(container);
  const ifMatch = await etagOf(blob);
  await blob.setMetadata({ state: 'Succeeded' });
  expect(await outcome(lease(blob, OWN).acquireLease(30, { conditions: { ifMatch } }))).toBe(
    '412 ConditionNotMet',
  );
});

test('acquire answers with the ETag and the time by the clock of storage', async () => {
  const blob = await newBlob(container);
  const acquired = await lease(blob, OWN).acquireLease(30);
  expect(acquired.etag).toBe(await etagOf(blob));
  expect(Math.abs((acquired.date?.getTime() ?? 0) - azurite.now().getTime())).toBeLessThan(5_000);
});

test('Get Blob tells content, metadata, ETag, lease state and status in one call', async () => {
  const blob = await newBlob(container);
  await states.leased?.(blob);
  const got = await blob.download();
  expect(got).toMatchObject({
    metadata: { state: 'Pending' },
    contentType: 'text/csv',
    contentLength: 7,
    leaseState: 'leased',
    leaseStatus: 'locked',
    etag: await etagOf(blob),
  });
  expect(got.lastModified).toBeInstanceOf(Date);
  expect(got.date).toBeInstanceOf(Date);
});

test('of twenty that acquire at once, one gets the lease', async () => {
  const blob = await newBlob(container);
  const conditions = { ifMatch: await etagOf(blob) };
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => outcome(lease(blob, randomUUID()).acquireLease(30, { conditions }))),
  );
  expect(outcomes.sort()).toEqual(['201', ...Array(19).fill('409 LeaseAlreadyPresent')]);
});

/** URLs that need no credentials: what they allow, how long, and that the key behind them is fetched once and in time. */
import {
  type BlobServiceClient,
  BlobServiceClient as Client,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import { describe, expect, test } from '@jest/globals';
import { urlSigner } from '../../src/storage/signed-urls.ts';

const START = Date.parse('2026-11-24T04:00:00Z');
const HOUR_MS = 3_600_000;
const REF = 'r'.repeat(43);
const READ = { containerName: 'jobs', allows: 'read', ttlSeconds: 900 } as const;
const WRITE = { containerName: 'uploads', allows: 'write', ttlSeconds: 3600 } as const;

/** A service that is reached by identity, and counts the keys it is asked for. */
function byIdentity() {
  let nowMs = START;
  const asked: { startsOn: Date; expiresOn: Date }[] = [];
  let tries = 0;
  let fails = false;
  const warned: string[] = [];
  const blobs = {
    url: 'https://account.blob.core.windows.net/',
    accountName: 'account',
    credential: {},
    getContainerClient: (container: string) => ({
      url: `https://account.blob.core.windows.net/${container}`,
    }),
    async getUserDelegationKey(startsOn: Date, expiresOn: Date): Promise<UserDelegationKey> {
      tries += 1;
      if (fails) throw new Error('no token');
      asked.push({ startsOn, expiresOn });
      return {
        signedObjectId: `key ${asked.length}`,
        signedTenantId: 'tenant',
        signedStartsOn: startsOn,
        signedExpiresOn: expiresOn,
        signedService: 'b',
        signedVersion: '2025-11-05',
        value: Buffer.from('key').toString('base64'),
      };
    },
  } as unknown as BlobServiceClient;
  return {
    asked,
    warned,
    get tries() {
      return tries;
    },
    signer: urlSigner(
      blobs,
      { now: () => new Date(nowMs) },
      { ...console, warn: (line) => warned.push(line) },
    ),
    pass: (ms: number) => {
      nowMs += ms;
    },
    fail: (does = true) => {
      fails = does;
    },
  };
}

describe('by identity', () => {
  test('a reply is read over https alone, from one blob, for as long as was said', async () => {
    const { signer } = byIdentity();
    const { url, expiresAt } = await signer(READ)(REF);
    expect(expiresAt).toEqual(new Date(START + 900_000));
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).toBe(`https://account.blob.core.windows.net/jobs/${REF}`);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      sp: 'r',
      sr: 'b',
      spr: 'https',
      st: '2026-11-24T03:55:00Z',
      se: '2026-11-24T04:15:00Z',
      skoid: 'key 1',
    });
  });

  test('an upload is created and written, and not read', async () => {
    const { signer } = byIdentity();
    const { searchParams, pathname } = new URL((await signer(WRITE)(REF)).url);
    expect(pathname).toBe(`/uploads/${REF}`);
    expect(searchParams.get('sp')).toBe('cw');
    expect(searchParams.get('se')).toBe('2026-11-24T05:00:00Z');
  });

  test('the end that is said is the one that holds, which has no milliseconds', async () => {
    const { signer, pass } = byIdentity();
    pass(999);
    const { url, expiresAt } = await signer(READ)(REF);
    expect(new URL(url).searchParams.get('se')).toBe('2026-11-24T04:15:00Z');
    expect(expiresAt).toEqual(new Date('2026-11-24T04:15:00Z'));
  });

  test('one key serves both kinds of URL, however many ask at once', async () => {
    const { signer, asked } = byIdentity();
    const [read, write] = [signer(READ), signer(WRITE)];
    await Promise.all([read(REF), write(REF), read(REF), write(REF)]);
    await read(REF);
    expect(asked).toHaveLength(1);
  });

  test('the key outlives every URL, and is renewed behind the back of whoever asks', async () => {
    const { signer, asked, pass } = byIdentity();
    const longest = signer({ ...WRITE, ttlSeconds: 86_400 });
    for (let hours = 0; hours < 100; hours++) {
      const { expiresAt } = await longest(REF);
      expect(asked.some(({ expiresOn }) => expiresOn >= expiresAt)).toBe(true);
      pass(HOUR_MS);
    }
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.length).toBeLessThan(8);
  });

  test('a key that cannot be renewed is used to its end, then storage is unavailable', async () => {
    const { signer, pass, fail } = byIdentity();
    const read = signer(READ);
    await read(REF);
    fail();
    pass(40 * HOUR_MS);
    await read(REF);
    pass(9 * HOUR_MS);
    await expect(read(REF)).rejects.toThrow('Get User Delegation Key: storage did not answer');
    fail(false);
    expect(new URL((await read(REF)).url).searchParams.get('skoid')).toBe('key 2');
  });

  test('a renewal that failed is in the log, and tried again minutes later, however many ask meanwhile', async () => {
    const identity = byIdentity();
    const read = identity.signer(READ);
    await read(REF);
    identity.fail();
    identity.pass(24 * HOUR_MS);
    for (let polls = 0; polls < 60; polls++) {
      await read(REF);
      identity.pass(1000);
    }
    expect(identity.tries).toBe(2);
    expect(identity.warned).toEqual([expect.stringMatching(/^user delegation key not renewed.*no token/)]);
    identity.fail(false);
    identity.pass(5 * 60_000);
    await read(REF);
    expect(new URL((await read(REF)).url).searchParams.get('skoid')).toBe('key 2');
  });

  test('no URL is said to outlive its key', async () => {
    const { signer, pass, fail } = byIdentity();
    const longest = signer({ ...WRITE, ttlSeconds: 86_400 });
    await longest(REF);
    fail();
    pass(40 * HOUR_MS);
    const { url, expiresAt } = await longest(REF);
    expect(expiresAt).toEqual(new Date(START + 48 * HOUR_MS));
    expect(new URL(url).searchParams.get('se')).toBe('2026-11-26T04:00:00Z');
  });
});

test('by a connection string the account key signs, over http only where storage itself has no https', async () => {
  const credential = new StorageSharedKeyCredential('account', Buffer.from('key').toString('base64'));
  const clock = { now: () => new Date(START) };
  for (const [service, protocol] of [
    ['http://127.0.0.1:10000/account', 'https,http'],
    ['https://account.blob.core.windows.net', 'https'],
  ] as const) {
    const { url } = await urlSigner(new Client(service, credential), clock, console)(READ)(REF);
    const { searchParams } = new URL(url);
    expect(searchParams.get('spr')).toBe(protocol);
    expect(searchParams.has('skoid')).toBe(false);
  }
});

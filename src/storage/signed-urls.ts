/**
 * Short-lived URLs of one blob that need no credentials: a reply to be read, an upload to be written. Signed by a user
 * delegation key wherever there is an identity; by the account key only where there is nothing but a connection string
 * (Azurite, old set-ups).
 */
import {
  BlobSASPermissions,
  type BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import type { StorageClock } from '../jobs/ports.ts';
import { calling } from './storage-errors.ts';

/** A SAS that starts now is refused by a storage node whose clock is a little behind. */
const STARTS_AGO_MS = 5 * 60_000;
/** Longer than the longest life of a URL, which must end before its key does; storage allows seven days. */
const KEY_LIFE_MS = 48 * 3_600_000;
/** A key is renewed this long ahead of its end, by whoever asks first; the others keep using the old one. */
const RENEW_AHEAD_MS = 25 * 3_600_000;

/** A URL that needs no credentials, and when it stops working. */
export interface SignedUrl {
  readonly url: string;
  readonly expiresAt: Date;
}

/** What the holder of a URL may do: read the blob; or create and write it, and read nothing. */
const permissionsOf = { read: 'r', write: 'cw' } as const;

export interface UrlGrant {
  readonly containerName: string;
  readonly allows: keyof typeof permissionsOf;
  readonly ttlSeconds: number;
}

/** The URL of one blob. Throws StorageUnavailable where the user delegation key cannot be had. */
export type SignedUrls = (ref: string) => Promise<SignedUrl>;

/** One signer, and so one cached key, for every kind of URL that the app gives away. */
export function urlSigner(blobs: BlobServiceClient, clock: StorageClock): (grant: UrlGrant) => SignedUrls {
  const protocol = blobs.url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp;
  const keys = delegationKeys(blobs, clock);

  return function signedUrls({ containerName, allows, ttlSeconds }) {
    const container = blobs.getContainerClient(containerName);
    return async function signedUrl(ref) {
      const now = clock.now().getTime();
      // A SAS counts whole seconds: what is said of it must not be later than what holds.
      const expiresAt = new Date((Math.floor(now / 1000) + ttlSeconds) * 1000);
      const permissions = {
        containerName,
        blobName: ref,
        permissions: BlobSASPermissions.parse(permissionsOf[allows]),
        protocol,
        startsOn: new Date(now - STARTS_AGO_MS),
        expiresOn: expiresAt,
      };
      const sas =
        blobs.credential instanceof StorageSharedKeyCredential
          ? generateBlobSASQueryParameters(permissions, blobs.credential)
          : generateBlobSASQueryParameters(permissions, await keys(), blobs.accountName);
      return { url: `${container.getBlobClient(ref).url}?${sas}`, expiresAt };
    };
  };
}

/** The cached user delegation key; never fetched per request. */
function delegationKeys(blobs: BlobServiceClient, clock: StorageClock): () => Promise<UserDelegationKey> {
  let key: { value: UserDelegationKey; endsAtMs: number } | undefined;
  let fetching: Promise<UserDelegationKey> | undefined;

  function fetchKey(): Promise<UserDelegationKey> {
    const now = clock.now().getTime();
    const endsAtMs = now + KEY_LIFE_MS;
    fetching ??= calling('Get User Delegation Key', () =>
      blobs.getUserDelegationKey(new Date(now - STARTS_AGO_MS), new Date(endsAtMs)),
    )
      .then((value) => {
        key = { value, endsAtMs };
        return value;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  }

  return async function current() {
    const leftMs = (key?.endsAtMs ?? 0) - clock.now().getTime();
    if (key === undefined || leftMs <= 0) return await fetchKey();
    // Renewed behind the caller's back: a failure shows only once the old key has ended.
    if (leftMs < RENEW_AHEAD_MS) void fetchKey().catch(() => undefined);
    return key.value;
  };
}

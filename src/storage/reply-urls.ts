/**
 * Short-lived, read-only URLs of one blob. Signed by a user delegation key wherever there is an identity; by the account
 * key only where there is nothing but a connection string (Azurite, old set-ups).
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
export interface ReplyUrl {
  readonly url: string;
  readonly expiresAt: Date;
}

export type ReplyUrls = (ref: string) => Promise<ReplyUrl>;

/** Throws StorageUnavailable where the user delegation key cannot be had. */
export function replyUrls(
  blobs: BlobServiceClient,
  containerName: string,
  clock: StorageClock,
  ttlSeconds: number,
): ReplyUrls {
  const container = blobs.getContainerClient(containerName);
  const protocol = blobs.url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp;
  const keys = delegationKeys(blobs, clock);

  return async function replyUrl(ref) {
    const now = clock.now().getTime();
    const blob = container.getBlobClient(ref);
    const expiresAt = new Date(now + ttlSeconds * 1000);
    const permissions = {
      containerName,
      blobName: ref,
      permissions: BlobSASPermissions.parse('r'),
      protocol,
      startsOn: new Date(now - STARTS_AGO_MS),
      expiresOn: expiresAt,
    };
    const sas =
      blobs.credential instanceof StorageSharedKeyCredential
        ? generateBlobSASQueryParameters(permissions, blobs.credential)
        : generateBlobSASQueryParameters(permissions, await keys(), blobs.accountName);
    return { url: `${blob.url}?${sas}`, expiresAt };
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

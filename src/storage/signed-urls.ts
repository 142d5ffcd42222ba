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
} from '@azure/storage-blob';
import type { StorageClock } from '../jobs/ports.ts';
import type { Log } from '../logs.ts';
import { delegationKeys } from './delegation-key.ts';

/** A SAS that starts now is refused by a storage node whose clock is a little behind. */
const STARTS_AGO_MS = 5 * 60_000;

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
export function urlSigner(
  blobs: BlobServiceClient,
  clock: StorageClock,
  log: Log,
): (grant: UrlGrant) => SignedUrls {
  const protocol = blobs.url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp;
  const { credential } = blobs;
  const currentKey = delegationKeys(blobs, clock, STARTS_AGO_MS, log);

  return function signedUrls({ containerName, allows, ttlSeconds }) {
    const containerUrl = blobs.getContainerClient(containerName).url;
    return async function signedUrl(ref) {
      const now = clock.now().getTime();
      const key = credential instanceof StorageSharedKeyCredential ? credential : await currentKey();
      // What is said of a SAS must not be later than what holds: it counts whole seconds, and ends with its key.
      const wantedMs = (Math.floor(now / 1000) + ttlSeconds) * 1000;
      const keyEndsMs = key instanceof StorageSharedKeyCredential ? wantedMs : key.signedExpiresOn.getTime();
      const expiresAt = new Date(Math.min(wantedMs, keyEndsMs));
      const permissions = {
        containerName,
        blobName: ref,
        permissions: BlobSASPermissions.parse(permissionsOf[allows]),
        protocol,
        startsOn: new Date(now - STARTS_AGO_MS),
        expiresOn: expiresAt,
      };
      const sas =
        key instanceof StorageSharedKeyCredential
          ? generateBlobSASQueryParameters(permissions, key)
          : generateBlobSASQueryParameters(permissions, key, blobs.accountName);
      // A ref needs no encoding; the SDK would make a whole client to say its URL.
      return { url: `${containerUrl}/${ref}?${sas}`, expiresAt };
    };
  };
}

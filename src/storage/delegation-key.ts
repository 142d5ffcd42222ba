/**
 * The user delegation key: what signs URLs where there is an identity. Fetched once and kept, never fetched per request.
 *
 * none --asked for--> fresh --25 h ahead of its end--> aging --renewed--> fresh
 *   ^                                                    |
 *   +---------------- ended without a renewal -----------+
 * While it ages whoever asks gets the old one; a renewal that fails is tried again minutes later, not by the next who asks.
 */
import type { BlobServiceClient, UserDelegationKey } from '@azure/storage-blob';
import type { StorageClock } from '../jobs/ports.ts';
import { type Log, logs } from '../logs.ts';
import { calling } from './storage-errors.ts';

/** Longer than the longest life of a URL, which must end before its key does; storage allows seven days. */
const KEY_LIFE_MS = 48 * 3_600_000;
const RENEW_AHEAD_MS = 25 * 3_600_000;
const RENEW_AGAIN_MS = 5 * 60_000;

/**
 * @param startsAgoMs a key that starts now is refused by a storage node whose clock is a little behind
 * @returns the key to sign with now. Throws StorageUnavailable where there is none.
 */
export function delegationKeys(
  blobs: Pick<BlobServiceClient, 'getUserDelegationKey'>,
  clock: StorageClock,
  startsAgoMs: number,
  log: Log,
): () => Promise<UserDelegationKey> {
  let key: UserDelegationKey | undefined;
  let renewsAtMs = 0;
  let fetching: Promise<UserDelegationKey> | undefined;

  function fetchKey(nowMs: number): Promise<UserDelegationKey> {
    fetching ??= calling('Get User Delegation Key', () =>
      blobs.getUserDelegationKey(new Date(nowMs - startsAgoMs), new Date(nowMs + KEY_LIFE_MS)),
    )
      .then((fetched) => {
        key = fetched;
        renewsAtMs = fetched.signedExpiresOn.getTime() - RENEW_AHEAD_MS;
        return fetched;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  }

  return async function current() {
    const nowMs = clock.now().getTime();
    if (key === undefined || nowMs >= key.signedExpiresOn.getTime()) return await fetchKey(nowMs);
    if (nowMs >= renewsAtMs) {
      renewsAtMs = nowMs + RENEW_AGAIN_MS;
      const endsAt = key.signedExpiresOn.toISOString();
      fetchKey(nowMs).catch((error: unknown) => logs.keyNotRenewed(log, { endsAt }, error));
    }
    return key;
  };
}

/** Who a job is: the id its client holds, the owner it belongs to, and the ref that everything else knows it by. */
import { createHash, createHmac, randomBytes } from 'node:crypto';

/** Who a job belongs to: see {@link ownerOf}. */
export type Owner = Uint8Array;

/** The owner of every job where App Service authentication is off. */
export const SHARED_OWNER: Owner = Buffer.from('shared');

// 128 bits are 21 whole base64url characters and two bits, so only four last characters are canonical.
const ID = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const REF = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const SEPARATOR = Buffer.of(0);

/** A new id: 128 random bits, a capability. Only ever in URLs and bodies sent to its client. */
export function newId(): string {
  return randomBytes(16).toString('base64url');
}

/**
 * The id that an owner's `Idempotency-Key` names: `HMAC-SHA-256(secret, owner ‖ 0x00 ‖ key)` cut to 128 bits. Without the
 * secret it is as hard to guess as a random one.
 */
export function idOfKey(secret: Uint8Array, owner: Owner, key: string): string {
  const hmac = createHmac('sha256', secret).update(owner).update(SEPARATOR).update(key);
  return hmac.digest().subarray(0, 16).toString('base64url');
}

/** Whether a text can be an id; one that cannot is answered like an unknown one. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** Whether a text can be a ref. */
export function isRef(text: unknown): text is string {
  return typeof text === 'string' && REF.test(text);
}

/** The owner named by an identity provider and its principal id. */
export function ownerOf(identityProvider: string, principalId: string): Owner {
  return createHash('sha256').update(identityProvider).update(SEPARATOR).update(principalId).digest();
}

/** `base64url(sha256(owner ‖ 0x00 ‖ id))`: whoever learns a ref learns nothing about the id. */
export function refOf(owner: Owner, id: string): string {
  return createHash('sha256').update(owner).update(SEPARATOR).update(id).digest('base64url');
}

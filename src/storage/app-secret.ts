/**
 * The secret that turns an `Idempotency-Key` into a job's id: 256 random bits in a blob of its own, made by the first
 * instance of the app and read once by each. No URL that the app gives away reaches its container. Without the blob a new one
 * is made, and the keys of before name no job any more.
 */
import { randomBytes } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { ConditionLost, StorageUnavailable } from '../jobs/errors.ts';
import { calling, callingMaybe } from './storage-errors.ts';

const SECRET_BYTES = 32;

/** Throws StorageUnavailable; the next call then tries again. */
export type AppSecret = () => Promise<Uint8Array>;

/** @param container the app's own, which is there before the first call */
export function appSecret(container: ContainerClient): AppSecret {
  const blob = container.getBlockBlobClient('idempotency-secret');
  let known: Promise<Uint8Array> | undefined;

  const read = () => callingMaybe('Get Blob', () => blob.downloadToBuffer());

  async function readOrMake(): Promise<Uint8Array> {
    const secret = (await read()) ?? (await make()) ?? (await read());
    if (secret?.length !== SECRET_BYTES) {
      const cause = new Error(`the blob ${blob.name} wants ${SECRET_BYTES} bytes`);
      throw new StorageUnavailable('Get Blob', { cause });
    }
    return secret;
  }

  /** Undefined where another instance was first. */
  async function make(): Promise<Uint8Array | undefined> {
    const secret = randomBytes(SECRET_BYTES);
    try {
      const conditions = { ifNoneMatch: '*' };
      await calling('Put Blob', () => blob.upload(secret, secret.length, { conditions }));
      return secret;
    } catch (error) {
      if (error instanceof ConditionLost) return undefined;
      throw error;
    }
  }

  return function secret() {
    known ??= readOrMake().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

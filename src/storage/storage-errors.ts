/** Turns what the SDK throws into the two errors the domain knows: a condition was lost, or storage is not to be had. */
import { RestError } from '@azure/storage-blob';
import { ConditionLost, StorageUnavailable } from '../jobs/errors.ts';
import { tracing } from '../telemetry/tracing.ts';

/** A write's condition failed, its lease is not ours, the blob is gone, its staged blocks are, or somebody has taken the message. */
const LOST_STATUSES = new Set([404, 409, 412]);
const LOST_CODES = new Set(['InvalidBlockList', 'InvalidBlobOrBlock', 'PopReceiptMismatch']);
/** These are 404 and 409 as well, but say that the app's containers and queues are not there, not that a job is gone. */
const NOT_READY_CODES = new Set([
  'ContainerNotFound',
  'ContainerBeingDeleted',
  'QueueNotFound',
  'QueueBeingDeleted',
]);

/** Whether storage answered that the thing itself is not there. */
function isNotFound(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404 && !NOT_READY_CODES.has(codeOf(error));
}

/** Whether storage answered that what it was given makes no sense, whenever it is asked. */
export function isRefusedAsInvalid(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 400;
}

/** The answer to a HEAD has no body for the SDK to find the code in. */
function codeOf({ code, response }: RestError): string {
  return code ?? response?.headers.get('x-ms-error-code') ?? '';
}

/** @param call the storage call's name, for the error's text */
function domainErrorOf(call: string, error: unknown): Error {
  if (!(error instanceof RestError)) return new StorageUnavailable(call, { cause: error });
  const code = codeOf(error);
  const isLost = LOST_CODES.has(code) || LOST_STATUSES.has(error.statusCode ?? 0);
  if (isLost && !NOT_READY_CODES.has(code)) return new ConditionLost(call, { cause: error });
  return new StorageUnavailable(call, { cause: error });
}

/** Runs one storage call. Throws ConditionLost or StorageUnavailable. */
export function calling<T>(call: string, run: () => Promise<T>): Promise<T> {
  // A lost condition is an answer like any other.
  const isFailure = (error: unknown) => error instanceof StorageUnavailable;
  return tracing.trace({ name: call, kind: 'client', isFailure }, async () => {
    try {
      return await run();
    } catch (error) {
      throw domainErrorOf(call, error);
    }
  });
}

/** Runs one storage call that answers undefined where the thing is not there. Throws StorageUnavailable, ConditionLost. */
export function callingMaybe<T>(call: string, run: () => Promise<T>): Promise<T | undefined> {
  return calling(call, async () => {
    try {
      return await run();
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  });
}

/** Runs one storage call whose lost condition means that there is nothing left to do. Throws StorageUnavailable. */
export async function unlessLost(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ConditionLost)) throw error;
  }
}

/** Stops an app in a phase of a job of `image-renditions`: at one call to storage, which is held until it is let go. */
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import type { StorageCall } from '../../dev/storage-relay.ts';

/** What was seen of the job before a call. */
interface Seen {
  readonly requestsRead: number;
  readonly renditionsWritten: number;
  readonly renditionsRead: number;
}

type Phase = (call: { readonly operation: string; readonly container: string }, seen: Seen) => boolean;

/** For a job of more than four renditions; as many are made at a time. */
export const phases: Readonly<Record<string, Phase>> = {
  start: ({ operation, container }) => operation === 'Get Blob' && container === 'jobs',
  inspect: ({ operation, container }, { requestsRead }) =>
    operation === 'Get Blob' && container === 'jobs' && requestsRead === 1,
  'fan-out': ({ operation, container }) => operation === 'Put Blob' && container === 'scratch',
  between: ({ operation, container }, { renditionsWritten }) =>
    operation === 'Get Blob Properties' && container === 'jobs' && renditionsWritten >= 4,
  zip: ({ operation, container }) => operation === 'Get Blob' && container === 'scratch',
  publish: ({ operation, container }, { renditionsRead }) =>
    operation === 'Put Blob' && container === 'jobs' && renditionsRead > 0,
};

export interface Held {
  /** Resolves when the app has come there. */
  readonly reached: Promise<unknown>;
  /** Lets the call through; or cuts its connection, the caller being dead. */
  letGo(dead?: 'dead'): void;
}

/**
 * Holds the next job there. Jobs one after the other: what is still under way of those before it passes.
 * @param answered holds storage's answer instead of the call: it is done by then
 */
export function holdAt(
  proxy: StorageProxy,
  phase: Phase,
  refsBefore: readonly string[],
  { answered = false } = {},
): Held {
  const seen = { requestsRead: 0, renditionsWritten: 0, renditionsRead: 0 };
  const gate = Promise.withResolvers<void>();
  const on = ({ operation, path }: StorageCall): boolean => {
    if (refsBefore.some((ref) => path.includes(ref))) return false;
    const container = new URL(path, 'http://storage').pathname.split('/')[2] ?? '';
    if (phase({ operation, container }, seen)) return true;
    if (operation === 'Get Blob' && container === 'jobs') seen.requestsRead += 1;
    if (operation === 'Put Blob' && container === 'scratch') seen.renditionsWritten += 1;
    if (operation === 'Get Blob' && container === 'scratch') seen.renditionsRead += 1;
    return false;
  };
  const wait = () => gate.promise;
  const { met } = proxy.intercept({ on, ...(answered ? { after: wait } : { before: wait }) });
  return {
    reached: met,
    letGo(dead) {
      if (dead === undefined) gate.resolve();
      else gate.reject(new Error('the caller is dead'));
    },
  };
}

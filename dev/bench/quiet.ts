/** Waits for storage to be left alone: what a job costs is known once nothing more comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StorageProxy } from '../storage-proxy.ts';

/** Nothing more is to be expected of a job after so long. */
const QUIET_MS = 1200;
/** Where the figures say nothing. */
const QUICK_QUIET_MS = 200;
const LOOK_MS = 100;

/** Until the proxy has seen nothing for a while but looks into queues. */
export async function untilQuiet(proxy: StorageProxy, isQuick = false): Promise<void> {
  const longMs = isQuick ? QUICK_QUIET_MS : QUIET_MS;
  const others = () => proxy.count() - proxy.count('Get Messages');
  let seen = others();
  for (let quietMs = 0; quietMs < longMs; quietMs += LOOK_MS) {
    await sleep(LOOK_MS);
    if (others() === seen) continue;
    seen = others();
    quietMs = 0;
  }
}

/** Until so many messages have been deleted, and so many jobs ended, since the proxy's last reset. Returns when that was, by performance.now(). */
export async function untilDeleted(proxy: StorageProxy, messages: number): Promise<number> {
  while (proxy.count('Delete Message') < messages) await sleep(LOOK_MS / 10);
  return performance.now();
}

/** What is called while nothing is asked for: looks into queues, and the sweep. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StorageProxy } from '../storage-proxy.ts';

/** Of the queue's polling: `maxPollingInterval` of host.json is 2 s, reached after a few looks. */
const BACK_OFF_MS = 8000;
const IDLE_MS = 60_000;

/** The calls of all proxies in the same minute are counted since their reset. */
export async function idleMinute(...proxies: readonly StorageProxy[]): Promise<void> {
  await sleep(BACK_OFF_MS);
  for (const proxy of proxies) proxy.reset();
  await sleep(IDLE_MS);
}

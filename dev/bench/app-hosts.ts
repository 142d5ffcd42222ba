/**
 * One or more hosts of the app on one storage account, behind one proxy that counts what all of them call and holds back their looks: a
 * backlog is put while nothing is taken, and worked off when they may look.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type StorageProxy, startStorageProxy } from '../storage-proxy.ts';
import { type BenchHost, startBenchHost } from './bench-host.ts';
import { type HeldLooks, holdLooks } from './held-looks.ts';
import { accountOf, type BenchStorage, hostSettings, storageOf, withStorage } from './sides.ts';

/** A host starts in two seconds of processor time or so, and is to have them within its limits. */
const STARTED_AT_ONCE = 4;
const LOOK_MS = 10;

export interface AppHosts {
  readonly hosts: readonly BenchHost[];
  readonly proxy: StorageProxy;
  readonly looks: HeldLooks;
  /** With nothing between. */
  readonly storage: BenchStorage;
  readonly isQuick: boolean;
  /** Holds the looks, and waits until nobody takes anything any more. */
  holdAll(): Promise<void>;
}

export interface AppHostsOptions {
  readonly entry: string;
  readonly count: number;
  /** How many queues of jobs each looks into. */
  readonly queues: number;
  /** As a bench is told. */
  readonly isQuick: boolean;
}

/** Starts them, has `use` measure them, and ends everything, whatever fails. */
export async function withAppHosts<T>(
  { entry, count, queues, isQuick }: AppHostsOptions,
  use: (app: AppHosts) => Promise<T>,
): Promise<T> {
  return await withStorage(async (azurite) => {
    const proxy = await startStorageProxy(azurite);
    const looks = holdLooks(proxy);
    looks.letPass(Number.POSITIVE_INFINITY);
    const account = accountOf('ours');
    const settings = hostSettings(proxy.connectionStringOf(account));
    const hosts: BenchHost[] = [];
    let left = count;
    const startSome = async () => {
      while (left > 0) {
        left -= 1;
        hosts.push(await startBenchHost({ entry, settings }));
      }
    };
    try {
      const started = await Promise.allSettled(Array.from({ length: STARTED_AT_ONCE }, startSome));
      for (const { reason } of started.filter((one) => one.status === 'rejected')) throw reason;
      return await use({
        hosts,
        proxy,
        looks,
        isQuick,
        storage: storageOf(azurite.connectionStringOf(account)),
        async holdAll() {
          looks.hold();
          while (looks.count < count * queues) await sleep(LOOK_MS);
        },
      });
    } finally {
      await Promise.all(hosts.map((host) => host.stop()));
      await proxy.stop();
    }
  });
}

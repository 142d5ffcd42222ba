/** The two sides of a bench with a proxy before the storage of each, which counts what host and app call. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type StorageProxy, startStorageProxy } from '../storage-proxy.ts';
import type { BenchContext } from './bench.ts';
import { type Side, withSides } from './sides.ts';

/** Nothing more is to be expected of a job after so long. */
const QUIET_MS = 1200;
const LOOK_MS = 100;

export interface CountedSide extends Side {
  readonly proxy: StorageProxy;
  /**
   * What calls a job makes until so many of its messages have been deleted and nothing more comes; looks into queues left out.
   */
  cost(
    start: () => Promise<unknown>,
    deletedMessages: number,
  ): Promise<{ sum: number; calls: Record<string, number> }>;
}

export async function withCountedSides<T>(
  context: BenchContext,
  use: (sides: Readonly<Record<'ours' | 'floor', CountedSide>>) => Promise<T>,
): Promise<T> {
  const proxies: Partial<Record<string, StorageProxy>> = {};
  const options = {
    behind: async (name: string, storage: Parameters<typeof startStorageProxy>[0]) => {
      const proxy = await startStorageProxy(storage);
      proxies[name] = proxy;
      return proxy;
    },
  };
  try {
    return await withSides(
      context,
      {},
      ({ ours, floor }) => use({ ours: counted(ours), floor: counted(floor) }),
      options,
    );
  } finally {
    await Promise.all(Object.values(proxies).map((proxy) => proxy?.stop()));
  }

  function counted(side: Side): CountedSide {
    const proxy = proxies[side.name];
    if (proxy === undefined) throw new Error(`There is no proxy of ${side.name}.`);
    return {
      ...side,
      proxy,
      async cost(start, deletedMessages) {
        await untilQuiet(proxy);
        proxy.reset();
        await start();
        while (proxy.count('Delete Message') < deletedMessages) await sleep(LOOK_MS);
        await untilQuiet(proxy);
        const { 'Get Messages': looks = 0, ...calls } = proxy.tally();
        return { sum: proxy.count() - looks, calls };
      },
    };
  }
}

async function untilQuiet(proxy: StorageProxy): Promise<void> {
  const others = () => proxy.count() - proxy.count('Get Messages');
  let seen = others();
  for (let quietMs = 0; quietMs < QUIET_MS; quietMs += LOOK_MS) {
    await sleep(LOOK_MS);
    if (others() === seen) continue;
    seen = others();
    quietMs = 0;
  }
}

/** The two sides of a bench with a proxy before the storage of each, which counts what host and app call. */
import type { Azurite } from '../azurite.ts';
import { type StorageProxy, startStorageProxy } from '../storage-proxy.ts';
import type { BenchContext } from './bench.ts';
import { type Cost, costOf } from './call-list.ts';
import { untilDeleted, untilQuiet } from './quiet.ts';
import { type Side, type SideName, withSides } from './sides.ts';

export interface CountedSide extends Side {
  readonly proxy: StorageProxy;
  /**
   * What calls a job makes until so many of its messages have been deleted and nothing more comes; looks into queues left out.
   */
  cost(start: () => Promise<unknown>, deletedMessages: number): Promise<Cost>;
}

export type CountedSides = Readonly<Record<SideName, CountedSide>>;

export interface CountedSidesOptions {
  /** As `withSides` takes them. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly azurite?: Azurite;
  /** Told of each side's proxy before its host starts. */
  readonly onProxy?: (name: SideName, proxy: StorageProxy) => void;
}

export async function withCountedSides<T>(
  context: BenchContext,
  use: (sides: CountedSides) => Promise<T>,
  { settings = {}, azurite, onProxy }: CountedSidesOptions = {},
): Promise<T> {
  const proxies: Partial<Record<SideName, StorageProxy>> = {};
  const options = {
    ...(azurite && { azurite }),
    behind: async (name: SideName, storage: Azurite) => {
      const proxy = await startStorageProxy(storage);
      proxies[name] = proxy;
      onProxy?.(name, proxy);
      return proxy;
    },
  };
  try {
    return await withSides(
      context,
      settings,
      ({ ours, floor }) => use({ ours: counted(ours), floor: counted(floor) }),
      options,
    );
  } finally {
    await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));
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
        await untilDeleted(proxy, deletedMessages);
        await untilQuiet(proxy);
        return costOf(proxy.tally());
      },
    };
  }
}

/** The two sides of a bench: the app and its floor, each on a host and a storage account of its own, on one Azurite. */
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { JobQueue, JobStore } from '../../src/jobs/ports.ts';
import { jobBlobs } from '../../src/storage/job-blobs.ts';
import { jobQueues } from '../../src/storage/job-queues.ts';
import { JOBS_CONTAINER, queueNameOf } from '../../src/storage/names.ts';
import { storageClock } from '../../src/storage/storage-clock.ts';
import { type Azurite, startAzurite } from '../azurite.ts';
import type { BenchContext } from './bench.ts';
import { type BenchHost, startBenchHost } from './bench-host.ts';

export const SIDE_NAMES = ['ours', 'floor'] as const;
export type SideName = (typeof SIDE_NAMES)[number];
export type Sides = Readonly<Record<SideName, Side>>;

/** Storage as the app's own adapters see it: whoever looks there finds what the app would have written. */
export interface BenchStorage {
  readonly store: JobStore;
  readonly queue: JobQueue;
}

export interface Side extends BenchStorage {
  readonly name: SideName;
  readonly host: BenchHost;
  /** Of its storage, with nothing between. */
  readonly connectionString: string;
}

/** 200,000 jobs with their messages take 3 GB: near its limit, Azurite would do little but collect garbage. */
const STORAGE_HEAP_MB = 8192;

export interface SidesOptions {
  /** One that {@link withStorage} has started: it keeps what is there. Default: one of its own. */
  readonly azurite?: Azurite;
  /** Puts something between a side's host and its storage; what the bench itself does there does not pass it. */
  readonly behind?: (name: SideName, storage: Azurite) => Promise<Pick<Azurite, 'connectionStringOf'>>;
}

/**
 * Starts both, has `use` measure them, and ends everything.
 * @param settings of both sides, beside those that every side has
 */
export async function withSides<T>(
  { appEntry, floorEntry }: Pick<BenchContext, 'appEntry' | 'floorEntry'>,
  settings: Readonly<Record<string, string>>,
  use: (sides: Sides) => Promise<T>,
  { behind, azurite }: SidesOptions = {},
): Promise<T> {
  if (azurite === undefined) {
    return await withStorage((own) =>
      withSides({ appEntry, floorEntry }, settings, use, { ...(behind && { behind }), azurite: own }),
    );
  }
  const hosts: BenchHost[] = [];
  const start = async (name: SideName): Promise<Side> => {
    const connectionString = azurite.connectionStringOf(accountOf(name));
    const ofHost = (await behind?.(name, azurite)) ?? azurite;
    const host = await startBenchHost({
      entry: name === 'ours' ? appEntry : floorEntry,
      settings: { ...hostSettings(ofHost.connectionStringOf(accountOf(name))), ...settings },
    });
    hosts.push(host);
    return { name, host, connectionString, ...storageOf(connectionString) };
  };
  try {
    return await use({ ours: await start('ours'), floor: await start('floor') });
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
  }
}

/** What every host of a bench is set to. */
export function hostSettings(connectionString: string): Record<string, string> {
  return {
    AzureWebJobsStorage: connectionString,
    DIAGNOSTIC_OPERATIONS: 'true',
    AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
  };
}

export function storageOf(connectionString: string): BenchStorage {
  const clock = storageClock();
  const container =
    BlobServiceClient.fromConnectionString(connectionString).getContainerClient(JOBS_CONTAINER);
  return {
    store: jobBlobs(container, clock),
    queue: jobQueues(QueueServiceClient.fromConnectionString(connectionString), queueNameOf, clock),
  };
}

export const accountOf = (name: SideName) => ({ name, key: Buffer.from(name.padEnd(64)).toString('base64') });

/** Starts the Azurite of both sides, has `use` go on with it, and ends it. */
export async function withStorage<T>(use: (azurite: Azurite) => Promise<T>): Promise<T> {
  const azurite = await startAzurite({
    accounts: SIDE_NAMES.map(accountOf),
    heapMB: STORAGE_HEAP_MB,
    preload: join(import.meta.dirname, '../azurite-that-keeps.ts'),
  });
  try {
    return await use(azurite);
  } finally {
    await azurite.stop();
  }
}

/** Settings that switch a function off. */
export function without(...functionNames: readonly string[]): Record<string, string> {
  return Object.fromEntries(functionNames.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']));
}

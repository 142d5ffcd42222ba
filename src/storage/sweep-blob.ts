/**
 * The sweep's place on Blob Storage: its marker in the metadata of a blob, whose lease keeps other sweepers out. The Functions
 * host runs a timer on one instance only, but by the host's id: two deployments on one account, or the slots of one app,
 * would both sweep, and what a sweep costs is to be fixed.
 */
import { randomUUID } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { ConditionLost } from '../jobs/errors.ts';
import type { SweepPlace } from '../jobs/ports.ts';
import { calling, callingMaybe, unlessLost } from './storage-errors.ts';

/** Less than the minute between sweeps, so that one that died holds up none after it. */
const LEASE_SECONDS = 50;

/** @param container the app's own */
export function sweepBlob(container: ContainerClient): SweepPlace {
  const blob = container.getBlockBlobClient('sweep');

  return {
    async begin() {
      const lease = randomUUID();
      const acquire = () =>
        callingMaybe('Acquire Lease', () => blob.getBlobLeaseClient(lease).acquireLease(LEASE_SECONDS));
      try {
        if ((await acquire()) === undefined) {
          await unlessLost(
            calling('Put Blob', () => blob.upload('', 0, { conditions: { ifNoneMatch: '*' } })),
          );
          if ((await acquire()) === undefined) return undefined;
        }
      } catch (error) {
        // Another has it.
        if (error instanceof ConditionLost) return undefined;
        throw error;
      }
      const { metadata = {} } = await calling('Get Blob Properties', () => blob.getProperties());
      return { lease, marker: metadata.marker };
    },
    async end({ lease, marker: before }, marker) {
      if (marker !== before) {
        const metadata: Record<string, string> = marker === undefined ? {} : { marker };
        const conditions = { leaseId: lease };
        await unlessLost(calling('Set Blob Metadata', () => blob.setMetadata(metadata, { conditions })));
      }
      await unlessLost(calling('Release Lease', () => blob.getBlobLeaseClient(lease).releaseLease()));
    },
  };
}

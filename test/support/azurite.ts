/**
 * An Azurite of a test's own, whose clock the test moves: a 30 s lease expires at once, a delayed message is due at once.
 * A test that leaves time alone takes an account of the shared one instead, see storage-account.ts.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { type Azurite, type AzuriteOptions, startAzurite } from '../../dev/azurite.ts';
import { askedHost } from './asked-host.ts';
import { takeIdentity } from './identity.ts';
import { trackProcess } from './processes.ts';

export interface TestAzurite extends Azurite {
  /** Moves Azurite's clock forward; it has moved when this resolves. Whole or fractional seconds. */
  advance(seconds: number): Promise<void>;
  /** The time by Azurite's clock, for whatever else in the test must agree with it. */
  now(): Date;
}

/** Starts an Azurite with a movable clock, at the present time. The test stops it. */
export async function startTestAzurite(options: Omit<AzuriteOptions, 'preload'> = {}): Promise<TestAzurite> {
  const azurite = await startAzurite({
    ...(askedHost() === 'identity' && { tls: (await takeIdentity()).tls }),
    ...options,
    preload: join(import.meta.dirname, 'azurite-clock.ts'),
  });
  await trackProcess(azurite.pid, 'Azurite of startTestAzurite');
  let offsetMs = 0;

  return {
    ...azurite,
    async advance(seconds) {
      const moved = once(azurite.process, 'message');
      azurite.process.send({ advanceSeconds: seconds });
      const [reply] = (await moved) as [{ offsetMs: number }];
      offsetMs = reply.offsetMs;
    },
    now: () => new Date(Date.now() + offsetMs),
  };
}

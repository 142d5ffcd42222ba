/** Makes what a schedule wants to go wrong go wrong, and counts what did. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StorageProxy } from '../storage-proxy.ts';
import type { Interception, StorageCall } from '../storage-relay.ts';
import type { Host } from './hosts.ts';
import type { Mishap } from './schedule.ts';

export interface Mishaps {
  /** Resolves once a kill or a pause has begun: its host has to be up for it. A fault waits for its call. */
  happen(mishap: Mishap): Promise<void>;
  /** Takes away the faults that met no call. Resolves when the last pause is over. */
  end(): Promise<void>;
  /** How often what has happened, by its name. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of the faults: one may meet several calls. */
  readonly faultyCalls: number;
}

/** @param pass makes time pass for storage: seconds that are waited for, or by which its clock is moved */
export function mishaps(
  proxy: StorageProxy,
  hosts: readonly Host[],
  pass: (seconds: number) => Promise<void>,
): Mishaps {
  const counts: Record<string, number> = {};
  const waiting = new Set<() => void>();
  const pauses = new Set<Promise<void>>();
  let faultyCalls = 0;
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };

  function arm({ on, fault, calls, slowMs }: Mishap & { kind: 'fault' }): void {
    let path: string | undefined;
    const isMet = (call: StorageCall) => {
      const [resource] = call.path.split('?');
      if (call.operation !== on || (path !== undefined && path !== resource)) return false;
      path = resource;
      faultyCalls += 1;
      return true;
    };
    const slowly = { before: () => sleep(slowMs / 2), after: () => sleep(slowMs / 2) };
    const how: Omit<Interception, 'on'> = fault === 'slow' ? slowly : { fault };
    const { met, remove } = proxy.intercept({ on: isMet, times: calls, ...how });
    waiting.add(remove);
    void met.then(() => {
      count(`fault: ${fault}`);
      // Further calls of its path may never come; then it would wait for ever, harmless and in the way.
      waiting.delete(remove);
      setTimeout(remove, 10_000).unref();
    });
  }

  return {
    counts,
    get faultyCalls() {
      return faultyCalls;
    },
    async happen(mishap) {
      if (mishap.kind === 'fault') return arm(mishap);
      const host = hosts[mishap.host];
      if (host === undefined) throw new Error(`There is no host ${mishap.host}.`);
      if (mishap.kind === 'kill') await host.kill(mishap.what);
      else {
        const over = pass(mishap.seconds);
        pauses.add(over);
        await host.pause(mishap.what, over);
      }
      count(`${mishap.kind} of ${mishap.what}`);
    },
    async end() {
      for (const remove of waiting) remove();
      await Promise.all(pauses);
    },
  };
}

/** A pass of the sweep that is asked for, and not the timer's. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StorageProxy } from '../storage-proxy.ts';
import type { BenchHost } from './bench-host.ts';
import { betweenSweeps } from './between-sweeps.ts';
import { type Cost, callList, costOf } from './call-list.ts';
import type { Figure } from './figure.ts';
import type { HeldLooks } from './held-looks.ts';
import { askOnce } from './load.ts';
import { untilQuiet } from './quiet.ts';

/** So long a job is left alone by the sweep, which then peeks whether it waits its turn. */
export const LEFT_ALONE_MS = 31_000;
/** A timer's pass would be counted too: there is to be none for so long. */
const CLEAR_MS = 10_000;
const LOOK_MS = 5;

export interface SweepPass extends Cost {
  /** From the request to the end of the pass. */
  readonly ms: number;
}

/** What is swept by: hosts on one storage, and the proxy before it. */
export interface Swept {
  readonly hosts: readonly BenchHost[];
  readonly proxy: StorageProxy;
  /** Those that are held go on to be. */
  readonly looks?: HeldLooks;
  readonly isQuick: boolean;
}

/** One pass by each host, all at the same time, as the clock has it. */
export async function sweepPass({ hosts, proxy, looks, isQuick }: Swept): Promise<SweepPass> {
  if (!isQuick) await betweenSweeps(CLEAR_MS);
  await untilQuiet(proxy, isQuick);
  (looks ?? proxy).reset();
  const beganMs = performance.now();
  await Promise.all(
    hosts.map(({ url }) =>
      askOnce({
        method: 'POST',
        url: `${url}/admin/functions/sweep-jobs`,
        headers: { 'content-type': 'application/json' },
        body: '{}',
        expects: 202,
      }),
    ),
  );
  while (proxy.count('Lease Blob: release') === 0) await sleep(LOOK_MS);
  const ms = performance.now() - beganMs;
  await untilQuiet(proxy, isQuick);
  return { ...costOf(proxy.tally()), ms };
}

export function sweepFigures(by: string, { sum, calls, ms }: SweepPass): readonly Figure[] {
  const name = `a pass of the sweep, ${by}`;
  return [
    { name, unit: 'calls', ours: [sum], note: callList(calls) },
    { name, unit: 'ms', ours: [ms] },
  ];
}

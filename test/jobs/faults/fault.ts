/** What can go wrong at one call to storage. */
import { StorageUnavailable } from '../../../src/jobs/errors.ts';
import type { Taken } from '../../../src/jobs/ports.ts';
import type { Instance } from '../support/instance.ts';
import type { Around, PortCall } from '../support/port-call.ts';

export const faults = ['dies before', 'dies after', 'answer lost', 'sent twice', 'not done'] as const;
export type Fault = (typeof faults)[number];

/** One call of an instance: the `occurrence`th of its step, counted from 0. */
export interface Point extends PortCall {
  readonly occurrence: number;
}

/** The calls of an instance as points. A heartbeat comes as often as time allows, so only the first of them is one. */
export function pointsOf(calls: readonly PortCall[]): Point[] {
  const seen = new Map<string, number>();
  const points = calls.map((call) => {
    const occurrence = seen.get(call.step) ?? 0;
    seen.set(call.step, occurrence + 1);
    return { ...call, occurrence };
  });
  return points.filter(({ step, occurrence }) => step !== 'heartbeat' || occurrence === 0);
}

/** Makes the fault at the point, once. */
export function faultAt(point: Point, fault: Fault, victim: () => Instance): Around {
  let occurrence = 0;
  return async (call, run) => {
    if (call.step !== point.step || occurrence++ !== point.occurrence) return await run();
    switch (fault) {
      case 'dies before':
        victim().kill();
        return await run();
      case 'dies after':
        try {
          return await run();
        } finally {
          victim().kill();
        }
      case 'answer lost':
        await run().then(discard, () => undefined);
        throw new StorageUnavailable(call.storageCall);
      case 'sent twice':
        discard(await run());
        return await run();
      case 'not done':
        throw new StorageUnavailable(call.storageCall);
      default:
        return fault satisfies never;
    }
  };
}

/** Content that nobody reads holds a connection. */
function discard(answer: unknown): void {
  (answer as Taken | undefined)?.content?.destroy();
}

/** What owning a job costs: shared by the page on cost and the simulation, so that both count one protocol. */
import { PACE } from '../src/jobs/run-attempt.ts';

/**
 * Lease Blob calls of an attempt: the claim, and a renewal for every heartbeat since then.
 * @param claimsAfterMs since the attempt's start; none where its work is over by then
 */
export function leaseCalls(workMs: number, claimsAfterMs: number = PACE.claimAfterMs): number {
  return workMs <= claimsAfterMs ? 0 : 1 + Math.floor((workMs - claimsAfterMs) / PACE.heartbeatMs);
}

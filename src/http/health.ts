/** `GET /api/health`: whether storage answers, asked at most every five seconds however many ask. */
import { type Handler, json } from './answer.ts';
import { HttpRefusal } from './problem.ts';

const ASKED_EVERY_MS = 5000;

/** @param ping one cheap storage call; rejects where storage does not answer */
export function health(ping: () => Promise<void>): Handler {
  let asked: { atMs: number; healthy: Promise<boolean> } | undefined;
  return async function checkHealth() {
    const nowMs = performance.now();
    if (asked === undefined || nowMs - asked.atMs >= ASKED_EVERY_MS) {
      asked = {
        atMs: nowMs,
        healthy: ping().then(
          () => true,
          () => false,
        ),
      };
    }
    if (await asked.healthy) return json(200, { status: 'healthy' });
    throw new HttpRefusal('storage-unavailable', 'Storage does not answer.', {
      headers: { 'retry-after': String(ASKED_EVERY_MS / 1000) },
    });
  };
}

/** The chaos run in its short form, in which time is moved: `npm run chaos` plays 10,000 jobs in real time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { chaos } from '../../../dev/chaos/chaos.ts';
import { chaosTable } from '../../../dev/chaos/chaos-table.ts';
import { startTestAzurite } from '../../support/azurite.ts';
import { testOn } from '../../support/platform.ts';
import { trackProcess } from '../../support/processes.ts';

const RUN_LIMIT_MS = 240_000;
/** Of real time, for every pause that storage takes to be longer than a lease. */
const PAUSE_MS = 2000;
/** So many seconds of storage's time pass in one: leases and back-offs end sooner, some before their heartbeat. */
const HASTE = 4;

testOn(
  'posix',
  'Windows pauses no process',
  'kills, pauses, faults and clients that do as they like: no job is lost, torn, taken for another, or changed after its end',
  async () => {
    const seed = Date.now() % 2 ** 31;
    // Shown also where the run never ends.
    process.stderr.write(`chaos: seed ${seed}\n`);
    const azurite = await startTestAzurite();
    const haste = setInterval(() => void azurite.advance(HASTE - 1), 1000);
    try {
      const report = await chaos({
        azurite,
        jobs: 50,
        kills: 3,
        pauses: 1,
        faults: 25,
        hosts: 2,
        clients: 25,
        seed,
        pollMs: 300,
        messageVisibilitySeconds: 600,
        async pass(seconds) {
          await azurite.advance(seconds);
          await sleep(PAUSE_MS);
        },
        settleSeconds: 60,
        asksForAll: true,
        say: () => undefined,
        onProcess: (pid) => void trackProcess(pid, 'host of the chaos run'),
      });
      expect(report.findings.map((finding) => ({ ...finding, seed }))).toEqual([]);
      expect(report.accepted).toBe(50);
      expect(chaosTable(report)).toContain(`| seed | ${seed} |`);
      const killed = (report.mishaps['kill of instance'] ?? 0) + (report.mishaps['kill of worker'] ?? 0);
      expect(killed).toBe(3);
      expect(report.faultyCalls).toBeGreaterThan(0);
    } finally {
      clearInterval(haste);
      await azurite.stop();
    }
  },
  RUN_LIMIT_MS,
);

/**
 * How soon a job runs again whose host was killed. `npm run reliability:kills` kills 125 of them and writes what it measured into
 * docs/reliability.md; here a few stand for them.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writePart } from '../../dev/generated-part.ts';
import { ask, JSON_TYPE, retryAfterOf } from '../contract/api.ts';
import { type Asking, type HostPair, type Resumption, startHostPair } from './host-pair.ts';
import { killedHostTable, type MeasuredKills } from './measured.ts';

const isMeasured = process.env.UPDATE_RELIABILITY === 'true';
const KILLS = isMeasured ? 100 : 3;
const LIMIT_MS = 60_000 + KILLS * 30_000;
/** A heartbeat's length: whenever the host dies, its last heartbeat is at most so old. */
const HEARTBEAT_SECONDS = 10;
const SWEEP_SECONDS = 60;
const POLLED_WITHIN_SECONDS = 45;

let pair: HostPair;
beforeAll(async () => {
  pair = await startHostPair();
}, 60_000);
afterAll(() => pair.stop());

/** As seldom as `Retry-After` tells clients of a job that has run for long. The jobs here are young, and would be polled oftener. */
const LONGEST_RETRY_AFTER_SECONDS = 10;

const poll: Asking = async (app, { id }) => {
  const told = retryAfterOf(await ask(app, 'GET', `/api/jobs/${id}`));
  expect(told).toBeLessThanOrEqual(LONGEST_RETRY_AFTER_SECONDS);
  return LONGEST_RETRY_AFTER_SECONDS;
};

const sweep: Asking = async (app) => {
  const isReport = /^jobs swept /;
  const before = app.lines.filter((line) => isReport.test(line)).length;
  await fetch(`${app.url}/admin/functions/sweep-jobs`, { method: 'POST', headers: JSON_TYPE, body: '{}' });
  await app.logged(isReport, before + 1);
  return SWEEP_SECONDS;
};

/** Kills at moments spread evenly over a heartbeat, the first within the second in which nothing is claimed. */
async function killAll(
  kills: number,
  firstAskSeconds: (kill: number) => number,
  asking: Asking,
): Promise<Resumption[]> {
  const resumptions: Resumption[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const ageSeconds = (kill * HEARTBEAT_SECONDS) / kills;
    resumptions.push(await pair.killOnce(ageSeconds, firstAskSeconds(kill), asking));
  }
  return resumptions;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function figuresOf(resumptions: readonly Resumption[]) {
  const seconds = resumptions.map((one) => one.seconds);
  const rounded = (share: number) => Math.round(percentile(seconds, share) * 10) / 10;
  return { kills: seconds.length, median: rounded(0.5), p99: rounded(0.99), longest: rounded(1) };
}

const measured: Partial<MeasuredKills> = {};

test(
  `polled: runs again within ${POLLED_WITHIN_SECONDS} s`,
  async () => {
    const resumptions = await killAll(KILLS, (kill) => (kill * 3.7) % LONGEST_RETRY_AFTER_SECONDS, poll);
    measured.polled = figuresOf(resumptions);
    process.stdout.write(`polled, seconds until the next attempt: ${JSON.stringify(measured.polled)}\n`);
    expect(measured.polled.p99).toBeLessThanOrEqual(POLLED_WITHIN_SECONDS);
  },
  LIMIT_MS,
);

test(
  'not polled: runs again within two sweeps',
  async () => {
    const resumptions = await killAll(
      Math.ceil(KILLS / 4),
      (kill) => ((kill * 7.3) % SWEEP_SECONDS) + 0.1,
      sweep,
    );
    measured.swept = {
      ...figuresOf(resumptions),
      mostSweeps: Math.max(...resumptions.map(({ asked }) => asked)),
    };
    process.stdout.write(`not polled, seconds until the next attempt: ${JSON.stringify(measured.swept)}\n`);
    expect(measured.swept.mostSweeps).toBeLessThanOrEqual(2);
  },
  LIMIT_MS,
);

if (isMeasured) {
  test('what was measured is written', () => {
    const { polled, swept } = measured;
    if (polled === undefined || swept === undefined) throw new Error('not all of it was measured');
    writePart('docs/reliability.md', 'kills', killedHostTable({ polled, swept }));
  });
}

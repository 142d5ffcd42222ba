/** A host that is told to stop while it has work in flight, beside another on the same storage. */
import { afterEach, expect, test } from '@jest/globals';
import { type FunctionApp, startAppBehindProxy, startFunctionApp } from '../support/function-app.ts';
import { takeStorageAccount } from '../support/storage-account.ts';
import { ask, documentOf, startDelay, untilStatus } from './api.ts';

const JOBS = 20;
/**
 * What was in flight is given up after 40 s; the test does not wait for that, only for what comes after it. The host then leaves 2 s:
 * the limits below hold the app to them, and more for a machine so loaded that even to start the jobs takes long.
 */
const TIMINGS = { drainMs: 500, terminateGraceMs: 30_000 };
const HANDED_BACK_WITHIN_MS = 1700;
const RESUMED_WITHIN_MS = 5000;
/** No new batch is taken while more than so many are in work: with the app's own 8, one instance may stop at 9 of them. */
const ROOM = { AzureFunctionsJobHost__extensions__queues__newBatchThreshold: String(JOBS) };

const LIMIT_MS = 90_000;

const apps: FunctionApp[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.stop())));

async function startApp(connectionString: string): Promise<FunctionApp> {
  const app = await startFunctionApp({ connectionString, settings: ROOM, timings: TIMINGS });
  apps.push(app);
  return app;
}

test(
  `SIGTERM with ${JOBS} attempts of 5 minutes in flight: handed back, and running elsewhere within 5 s`,
  async () => {
    const { connectionString } = await takeStorageAccount();
    const stopping = await startApp(connectionString);
    const submittedMs = performance.now();
    const jobs = await Promise.all(
      Array.from({ length: JOBS }, () => startDelay(stopping, { seconds: 300, steps: 300 })),
    );
    await stopping.logged(/^attempt started /, JOBS);
    const startedMs = performance.now() - submittedMs;
    await Promise.all(jobs.map((job) => untilStatus(stopping, job, 'Running')));
    const other = await startApp(connectionString);

    const stopped = stopping.host.stop();
    await stopping.logged(/did not end in time/);
    const toldMs = performance.now();
    const [handedBackMs, resumedMs] = await Promise.all([
      stopping.logged(/^attempt handed back /, JOBS).then(() => performance.now() - toldMs),
      stopping.logged(/^attempt handed back /).then(async () => {
        const firstMs = performance.now();
        await other.logged(/^attempt started /, JOBS);
        return performance.now() - firstMs;
      }),
    ]);
    const [started, handedBack, resumed] = [startedMs, handedBackMs, resumedMs].map(Math.round);
    process.stdout.write(
      `${JOBS} attempts started in ${started} ms, handed back in ${handedBack}, run again ${resumed} after the first was\n`,
    );
    expect(handedBackMs).toBeLessThan(Math.max(HANDED_BACK_WITHIN_MS, 2 * startedMs));
    expect(resumedMs).toBeLessThan(Math.max(RESUMED_WITHIN_MS, 2 * startedMs));

    await stopped;
    const [summary] = await stopping.logged(/attempts handed back /);
    expect(summary).toContain(`{"asked":${JOBS},`);
    for (const { id } of jobs) {
      const document = documentOf(await ask(other, 'GET', `/api/jobs/${id}/status`));
      expect(document).toMatchObject({ status: 'Running', attempt: 2 });
      expect((await ask(other, 'DELETE', `/api/jobs/${id}`)).status).toBe(204);
    }
  },
  LIMIT_MS,
);

test(
  'a hand-back that is later than the app waits for it has the rest of the time that the host leaves',
  async () => {
    const { app, proxy } = await startAppBehindProxy({ timings: TIMINGS });
    apps.push(app);
    const job = await startDelay(app, { seconds: 300 });
    await untilStatus(app, job, 'Running');
    const summary = app.logged(/attempts handed back /);
    proxy.intercept({ on: 'Put Message', before: async () => void (await summary) });
    await app.host.stop();
    expect(await summary).toEqual([expect.stringContaining('{"asked":1,"left":1}')]);
    expect(app.lines.filter((line) => line.startsWith('attempt handed back '))).toHaveLength(1);
  },
  LIMIT_MS,
);

/** A host that is told to stop while it has work in flight, beside another on the same storage. */
import { afterEach, expect, test } from '@jest/globals';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { takeStorageAccount } from '../support/storage-account.ts';
import { ask, documentOf, startDelay, untilStatus } from './api.ts';

const JOBS = 20;
/** What was in flight is given up after 40 s; the test does not wait for that, only for what comes after it. */
const DRAIN_MS = 500;
const RESUMED_WITHIN_MS = 5000;
/** No new batch is taken while more than so many are in work: with the app's own 8, one instance may stop at 9 of them. */
const ROOM = { AzureFunctionsJobHost__extensions__queues__newBatchThreshold: String(JOBS) };

const LIMIT_MS = 90_000;

const apps: FunctionApp[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.stop())));

async function startApp(connectionString: string): Promise<FunctionApp> {
  const app = await startFunctionApp({ connectionString, settings: ROOM, timings: { drainMs: DRAIN_MS } });
  apps.push(app);
  return app;
}

test(
  `SIGTERM with ${JOBS} attempts of 5 minutes in flight: handed back, and running elsewhere within 5 s`,
  async () => {
    const { connectionString } = await takeStorageAccount();
    const stopping = await startApp(connectionString);
    const jobs = await Promise.all(
      Array.from({ length: JOBS }, () => startDelay(stopping, { seconds: 300, steps: 300 })),
    );
    await Promise.all(jobs.map((job) => untilStatus(stopping, job, 'Running')));
    const other = await startApp(connectionString);

    const stopped = stopping.host.stop();
    await stopping.logged(/^attempt handed back /);
    const handedBackMs = performance.now();
    await other.logged(/^attempt started /, JOBS);
    const resumedMs = Math.round(performance.now() - handedBackMs);
    process.stdout.write(`${JOBS} attempts run again ${resumedMs} ms after the first was handed back\n`);
    expect(resumedMs).toBeLessThan(RESUMED_WITHIN_MS);

    await stopped;
    const [handedBack] = await stopping.logged(/attempts handed back /);
    expect(handedBack).toContain(`{"asked":${JOBS},"left":0}`);
    for (const { id } of jobs) {
      const document = documentOf(await ask(other, 'GET', `/api/jobs/${id}/status`));
      expect(document).toMatchObject({ status: 'Running', attempt: 2 });
      expect((await ask(other, 'DELETE', `/api/jobs/${id}`)).status).toBe(204);
    }
  },
  LIMIT_MS,
);

/** The job of a caller that waits runs in the instance that accepts it, without the queue: how soon, how many at once, and when not. */
import { afterEach, expect, test } from '@jest/globals';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { takeStorageAccount } from '../support/storage-account.ts';
import { ask, type DelayRequest, documentOf, JSON_TYPE, post, startedBy, untilEnded } from './api.ts';

const LIMIT_MS = 60_000;
/** The host looks into an idle queue so seldom that no test lives to see it. */
const SELDOM = { AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:10:00' };

const apps: FunctionApp[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.stop())));

async function startApp(options: Parameters<typeof startFunctionApp>[0] = {}): Promise<FunctionApp> {
  const app = await startFunctionApp(options);
  apps.push(app);
  return app;
}

const start = (app: FunctionApp, request: DelayRequest, wait = 'wait=20', more = {}) =>
  post(app, `delay?${wait}`, JSON.stringify(request), { ...JSON_TYPE, ...more });

const startedLines = ({ lines }: FunctionApp) => lines.filter((line) => line.includes('attempt started'));

test(
  'a queue that is looked into seldom: whoever waits is answered all the same',
  async () => {
    const app = await startApp({ settings: SELDOM });
    for (let index = 0; index < 3; index++) expect((await start(app, { seconds: 0 })).status).toBe(303);
    expect(startedLines(app)).toHaveLength(3);
    for (const line of startedLines(app)) expect(line).toContain('"dequeueCount":0');
  },
  LIMIT_MS,
);

test(
  'off, and for whoever does not wait, it is the queue that brings the job',
  async () => {
    const app = await startApp({ settings: { FAST_PATH: 'false' } });
    expect((await start(app, { seconds: 0 })).status).toBe(303);
    expect(startedLines(app)[0]).toContain('"dequeueCount":1');
    await app.stop();
    const on = await startApp();
    await untilEnded(on, startedBy(await start(on, { seconds: 0 }, '')));
    expect(startedLines(on)[0]).toContain('"dequeueCount":1');
  },
  LIMIT_MS,
);

test(
  'many starts at once: no more attempts run than the host would run alone, and every caller has its answer',
  async () => {
    const app = await startApp({
      settings: {
        FAST_PATH_CONCURRENCY: '2',
        AzureFunctionsJobHost__extensions__queues__batchSize: '2',
        AzureFunctionsJobHost__extensions__queues__newBatchThreshold: '1',
      },
    });
    const answers = await Promise.all(Array.from({ length: 12 }, () => start(app, { seconds: 1 })));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(303));
    let running = 0;
    let mostRunning = 0;
    let mostOnFastPath = 0;
    const onFastPath = new Set<string>();
    for (const line of app.lines) {
      const ref = /"ref":"([^"]+)"/.exec(line)?.[1] ?? '';
      if (line.includes('attempt started')) {
        running += 1;
        if (line.includes('"dequeueCount":0')) onFastPath.add(ref);
      }
      if (line.includes('job succeeded')) {
        running -= 1;
        onFastPath.delete(ref);
      }
      mostRunning = Math.max(mostRunning, running);
      mostOnFastPath = Math.max(mostOnFastPath, onFastPath.size);
    }
    // How many overlap is the machine's to say, up to the limit.
    expect(mostRunning).toBeLessThanOrEqual(3);
    expect(mostOnFastPath).toBe(2);
  },
  LIMIT_MS,
);

test(
  'the instance is told to stop after the wait has ended: handed back, and run elsewhere',
  async () => {
    const { connectionString } = await takeStorageAccount();
    const stopping = await startApp({ connectionString, timings: { drainMs: 500 } });
    const job = startedBy(await start(stopping, { seconds: 300, steps: 300 }, 'wait=1'));
    expect(startedLines(stopping)[0]).toContain('"dequeueCount":0');
    const other = await startApp({ connectionString });
    const stopped = stopping.host.stop();
    await stopping.logged(/^attempt handed back /);
    await other.logged(/^attempt started /);
    await stopped;
    expect(documentOf(await ask(other, 'GET', `/api/jobs/${job.id}/status`))).toMatchObject({ attempt: 2 });
    expect((await ask(other, 'DELETE', `/api/jobs/${job.id}`)).status).toBe(204);
  },
  LIMIT_MS,
);

test(
  'the same key many times at once: one of them begins the job, and it runs once',
  async () => {
    const app = await startApp();
    const key = { 'idempotency-key': '"again and again"' };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => start(app, { seconds: 0.5 }, 'wait=20', key)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(303));
    expect(new Set(answers.map(({ headers }) => headers.get('operation-location'))).size).toBe(1);
    expect(startedLines(app)).toHaveLength(1);
  },
  LIMIT_MS,
);

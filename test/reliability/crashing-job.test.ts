/**
 * A job whose operation kills its worker, each time. Here alone and with time moved; `npm run reliability:crashes` has other jobs run
 * beside it, in real time, and writes what it measured into docs/reliability.md.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writePart } from '../../dev/generated-part.ts';
import { type DelayRequest, JSON_TYPE, type StatusDocument } from '../contract/api.ts';
import { startTestAzurite, type TestAzurite } from '../support/azurite.ts';
import { crashingJobTable, type MeasuredCrashes } from './measured.ts';
import { type RestartedHost, startRestartedHost } from './restarted-host.ts';

const MOST_SECONDS = 900;
const isMeasured = process.env.UPDATE_RELIABILITY === 'true';

let azurite: TestAzurite;
let host: RestartedHost;
beforeAll(async () => {
  azurite = await startTestAzurite();
  host = await startRestartedHost({
    connectionString: azurite.connectionString,
    ...(!isMeasured && { timings: { secondRestartDelayMs: 100 } }),
  });
}, 60_000);
afterAll(async () => {
  await host.stop();
  await azurite.stop();
});

type Job = Pick<StatusDocument, 'ref'> & { readonly id: string };

/** Asks without the suite's check of every answer: the host may be down, or between two workers. Undefined where it is. */
async function ask<T>(path: string, init: RequestInit = {}): Promise<T | undefined> {
  const { url } = await host.current();
  try {
    const response = await fetch(url + path, { ...init, signal: AbortSignal.timeout(5000) });
    return response.ok ? ((await response.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}

async function start(request: DelayRequest): Promise<Job> {
  for (;;) {
    const body = JSON.stringify(request);
    const job = await ask<Job>('/api/operations/delay', { method: 'POST', headers: JSON_TYPE, body });
    if (job !== undefined) return job;
    await delay(500);
  }
}

const look = ({ id }: Job) => ask<StatusDocument>(`/api/jobs/${id}/status`);

const hasEnded = (document: StatusDocument | undefined) =>
  document !== undefined && !['NotStarted', 'Running'].includes(document.status);

if (!isMeasured) {
  test('ends Failed after its attempts, and takes the host down with each third crash and no oftener', async () => {
    const job = await start({ seconds: 0, outcome: 'crash' });
    let document: StatusDocument | undefined;
    for (let seconds = 0; !hasEnded(document) && seconds < MOST_SECONDS; seconds += 5) {
      await azurite.advance(5);
      await delay(150);
      document = await look(job);
    }
    expect(document).toMatchObject({ status: 'Failed', attempt: 5, error: { code: 'attempts-exhausted' } });
    // Where a poll recovers attempt 1, which died before it had claimed, while its message is on its way back, it runs twice.
    expect([5, 6]).toContain(host.crashes());
    expect(host.ends).toBe(Math.floor(host.crashes() / 3));
    expect(await ask(`/api/operator/jobs/${job.ref}`)).toMatchObject({
      error: { reason: expect.stringMatching(/^attempt 5 ended without a word: its worker crashed/) },
    });
  }, 120_000);
}

if (isMeasured) {
  test(
    'beside others',
    async () => {
      const begin = async (request: DelayRequest) => ({
        startedMs: performance.now(),
        job: await start(request),
      });
      const crashing = await begin({ seconds: 0, outcome: 'crash' });
      const long = await Promise.all(Array.from({ length: 8 }, () => begin({ seconds: 60 })));
      const short: Awaited<ReturnType<typeof begin>>[] = [];
      const ended = new Map<string, { document: StatusDocument; afterMs: number }>();
      const all = () => [crashing, ...long, ...short];
      for (let seconds = 0; seconds < MOST_SECONDS; seconds += 3) {
        if (!ended.has(crashing.job.id)) short.push(await begin({ seconds: 1 }));
        for (const { job, startedMs } of all()) {
          if (ended.has(job.id)) continue;
          const document = await look(job);
          if (document !== undefined && hasEnded(document))
            ended.set(job.id, { document, afterMs: performance.now() - startedMs });
        }
        if (ended.size === all().length && ended.has(crashing.job.id)) break;
        await delay(3000);
      }
      const figures = (jobs: readonly { job: Job }[]) => {
        const ends = jobs.flatMap(({ job }) => ended.get(job.id) ?? []);
        return {
          jobs: jobs.length,
          succeeded: ends.filter(({ document }) => document.status === 'Succeeded').length,
          mostAttempts: Math.max(...ends.map(({ document }) => document.attempt)),
          longestSeconds: Math.round(Math.max(...ends.map(({ afterMs }) => afterMs)) / 1000),
        };
      };
      const measured: MeasuredCrashes = {
        crashes: host.crashes(),
        hostEnds: host.ends,
        failedAfterSeconds: Math.round((ended.get(crashing.job.id)?.afterMs ?? Number.NaN) / 1000),
        long: figures(long),
        short: figures(short),
      };
      writePart('docs/reliability.md', 'crashes', crashingJobTable(measured));
      expect(ended.get(crashing.job.id)?.document.status).toBe('Failed');
    },
    (MOST_SECONDS + 120) * 1000,
  );
}

/** What becomes of a workflow's job when its host is killed, its engine forgets it, or somebody cancels it. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestAzurite, type TestAzurite } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { ask, documentOf, post, problemOf, type StartedJob, startedBy, untilEnded } from './api.ts';

let azurite: TestAzurite;
let folder: string;
const started: FunctionApp[] = [];
beforeAll(async () => {
  azurite = await startTestAzurite();
  folder = await mkdtemp(join(tmpdir(), 'workflows-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((app) => app.stop()));
});
afterAll(async () => {
  await azurite.stop();
  await rm(folder, { recursive: true });
});

/** What a killed host had taken is visible again after a second, not after the minute that host.json says. */
const VISIBLE_SOON = Object.fromEntries(
  ['controlQueueVisibilityTimeout', 'workItemQueueVisibilityTimeout'].map((setting) => [
    `AzureFunctionsJobHost__extensions__durableTask__storageProvider__${setting}`,
    '00:00:01',
  ]),
);

async function start(dataDir: string): Promise<FunctionApp> {
  const { connectionString } = azurite;
  const app = await startFunctionApp({ connectionString, dataDir, settings: VISIBLE_SOON });
  started.push(app);
  return app;
}

const begin = async (app: FunctionApp, request: object): Promise<StartedJob> =>
  startedBy(await post(app, 'delay-workflow', JSON.stringify(request)));

/** The same job at another host's address. */
const at = (app: FunctionApp, job: StartedJob): StartedJob => ({
  ...job,
  location: `${app.url}/api/jobs/${job.id}`,
  monitor: `${app.url}/api/jobs/${job.id}/status`,
});

const instanceEnded = (app: FunctionApp, { ref }: StartedJob, how: string) =>
  app.logged(new RegExp(`^Instance ${ref} of .*: ${how}`));

describe('a host that is killed', () => {
  test('and started again goes on where it had come to: the same attempt, no step but the last twice', async () => {
    const dataDir = join(folder, randomUUID());
    const killed = await start(dataDir);
    const job = await begin(killed, { seconds: 3, steps: 3 });
    await killed.logged(/^Executing 'Functions.delay-workflow-wait'/, 2);
    await killed.stop();

    const next = await start(dataDir);
    expect(await untilEnded(next, at(next, job))).toMatchObject({ status: 'Succeeded', attempt: 1 });
    expect(await (await fetch(at(next, job).location)).json()).toEqual({
      ref: job.ref,
      seconds: 3,
      attempt: 1,
    });
    const waits = next.lines.filter((line) => /^Executing 'Functions.delay-workflow-wait'/.test(line));
    expect(waits).toHaveLength(2);
  });

  test('with all that the engine knew: whoever polls later has it started again', async () => {
    const killed = await start(join(folder, randomUUID()));
    const job = await begin(killed, { seconds: 60 });
    await killed.logged(/^Executing 'Functions.delay-workflow-wait'/);
    // The job wants 60 s: that it ends within this test shows that it was begun anew.
    await killed.stop();
    await azurite.advance(121);

    const next = await start(join(folder, randomUUID()));
    const { monitor } = at(next, job);
    await eventually(async () => {
      expect(documentOf(await ask(next, 'GET', monitor)).status).toBe('Running');
      return next.lines.some((line) => /workflow engine asked .*"says":"unknown","act":"start"/.test(line));
    });
    await next.logged(/^Executing 'Functions.delay-workflow-wait'/);
    await ask(next, 'DELETE', monitor.replace('/status', ''));
  });
});

describe('canceled', () => {
  test.each([
    ['before it is handed over', { seconds: 2 }, undefined],
    ['while its request is read', { seconds: 2 }, /^Executing 'Functions.delay-workflow-read'/],
    ['while it waits', { seconds: 2 }, /^Executing 'Functions.delay-workflow-wait'/],
    ['between its steps', { seconds: 2, steps: 20 }, /^Executed 'Functions.delay-workflow-wait'/],
    [
      'while it publishes',
      { seconds: 0, replyBytes: 400_000_000 },
      /^Executing 'Functions.delay-workflow-reply'/,
    ],
  ])('%s: 410, no reply ever, and its instance ends', async (_, request, phase) => {
    const app = await start(join(folder, randomUUID()));
    const job = await begin(app, request);
    if (phase !== undefined) await app.logged(phase);
    expect((await ask(app, 'POST', `/api/jobs/${job.id}/cancel`)).status).toBe(200);
    problemOf(await ask(app, 'GET', job.location), 410, 'job-canceled');
    if (phase !== undefined) await instanceEnded(app, job, '(Terminated|Completed)');
    // Whatever was under way has come to its end: nothing is left to be done for this job.
    await app.host.stop();
    const content = await app.jobs.getBlobClient(job.ref).downloadToBuffer();
    expect(content.toString()).toBe(JSON.stringify(request));
  });
});

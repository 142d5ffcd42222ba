/**
 * `npm run demo`: the pattern from the first request to the fetched reply, on this machine, each step explained.
 *
 * starting --> running --all of it happened--> ended, code 0
 *                      --anything else, Ctrl-C, too late--> ended, code 1
 * Whatever the end, everything that was started has ended before it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Profile } from '../../src/operations/csv-profile/profile.ts';
import { profileTable } from './profile-table.ts';
import { type Client, fetchReply, pollJob, startJob } from './run-job.ts';
import { readSample, type Sample } from './sample.ts';
import { openScreen } from './screen.ts';
import { type DemoApp, startApp } from './start-app.ts';

const LONGEST_SECONDS = 180;

/** Leaves bundle and report in `.demo` of the working directory. What goes wrong is said on stderr, with exit code 1. */
export async function runDemo(): Promise<void> {
  const startedAt = performance.now();
  const folder = resolve('.demo');
  const end = new AbortController();
  const onSignal = () => end.abort(new Error('interrupted'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onSignal);
  const limit = setTimeout(
    () => end.abort(new Error(`it took more than ${LONGEST_SECONDS} s`)),
    LONGEST_SECONDS * 1000,
  );
  const screen = openScreen(process.stdout);
  const client: Client = { screen, signal: end.signal };
  let app: DemoApp | undefined;
  try {
    await mkdir(folder, { recursive: true });
    const sample = await readSample();
    screen.line(screen.heading('The Asynchronous Request-Reply pattern, end to end, on this machine'));
    screen.line('   Starting a storage emulator, and the app on a local Functions host ...');
    app = await startApp(folder);
    end.signal.throwIfAborted();
    screen.line(`   The app answers on ${app.url}.`);
    await showPattern(client, app, sample, folder);
    await app.stop();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    screen.line();
    screen.line(`That was all of it, in ${seconds} s. npm run dev keeps the app running for you to try.`);
  } catch (error) {
    screen.line();
    // Ctrl-C reaches the processes that were started as well: what failed may be for a signal that is just arriving.
    await nextTurn();
    const { message } = end.signal.aborted ? end.signal.reason : (error as Error);
    console.error(`The demo failed: ${message}`);
    if (!end.signal.aborted && app !== undefined) {
      console.error(['The host said last:', ...app.log].join('\n  '));
    }
    await app?.kill();
    process.exitCode = 1;
  } finally {
    clearTimeout(limit);
    for (const name of signals) process.off(name, onSignal);
  }
}

async function showPattern(client: Client, app: DemoApp, sample: Sample, folder: string): Promise<void> {
  const { screen } = client;
  const explain = (title: string, ...text: string[]) => {
    screen.line();
    screen.line(screen.heading(title));
    for (const line of text) screen.line(`   ${screen.faint(line)}`);
  };
  const operationUrl = `${app.url}/api/operations/csv-profile`;

  explain(
    `1. Start a job: POST ${megabytes(sample.repeated)} of CSV`,
    `(${sample.fileName}, its rows ${sample.repetitions} times.) The app stores the request, queues`,
    'the job and answers: Location says where to ask, Retry-After when.',
  );
  const accepted = await startJob(client, operationUrl, sample.repeated);

  explain(
    '2. Poll: GET Location until it redirects',
    'Meanwhile a worker takes the job from the queue. Each 202 says when to ask',
    'again: a client that keeps to it neither hammers nor oversleeps.',
  );
  const replyUrl = await pollJob(client, accepted);

  explain(
    '3. Follow the redirect: GET the reply',
    'Storage serves it, not the app. The URL, here shortened, is read-only, for',
    'this reply alone, and ends after some minutes.',
  );
  const profile: Profile = JSON.parse((await fetchReply(client, replyUrl)).toString());
  if (profile.bytes !== sample.repeated.length) {
    throw new Error(`The profile is of ${profile.bytes} bytes, but ${sample.repeated.length} were sent.`);
  }

  explain(
    `The reply: a profile of ${profile.rows.toLocaleString('en-US')} rows, ${profile.columns.length} columns`,
  );
  for (const line of profileTable(profile)) screen.line(`   ${line}`);

  explain(
    '4. Once more, for the eye: ?format=html asks for a report',
    'The same pattern. This job is short, so the first poll may find it done.',
  );
  const report = await fetchReply(
    client,
    await pollJob(client, await startJob(client, `${operationUrl}?format=html`, sample.once)),
  );
  if (!report.includes('</html>')) throw new Error('The report is no HTML page, or not a whole one.');
  const reportFile = join(folder, 'report.html');
  await writeFile(reportFile, report);
  screen.line();
  screen.line(`The report is in ${screen.strong(relative('.', reportFile))}: open it in a browser.`);
}

function megabytes({ length }: Buffer): string {
  return `${(length / 1e6).toFixed(1)} MB`;
}

/** The main job, from the first request to the fetched reply. */
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Profile } from '../../src/operations/csv-profile/profile.ts';
import { explainOn } from './explain.ts';
import { profileTable } from './profile-table.ts';
import { type Client, fetchReply, pollJob, startJob } from './run-job.ts';
import type { Sample } from './sample.ts';
import type { DemoApp } from './start-app.ts';

const CSV = 'text/csv';

/** Leaves the report in the folder. */
export async function showProfile(
  client: Client,
  app: DemoApp,
  sample: Sample,
  folder: string,
): Promise<void> {
  const { screen } = client;
  const explain = explainOn(screen);
  const operationUrl = `${app.url}/api/operations/csv-profile`;

  explain(
    `1. Start a job: POST ${megabytes(sample.repeated)} of CSV`,
    `(${sample.fileName}, its rows ${sample.repetitions} times.) The app stores the request, queues`,
    'the job and answers: Location says where to ask, Retry-After when.',
  );
  const accepted = await startJob(client, operationUrl, CSV, sample.repeated);

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
    await pollJob(client, await startJob(client, `${operationUrl}?format=html`, CSV, sample.once)),
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

/** A job of many steps: the same pattern for its client, and the workflow's fan-out beside it, as it happens. */
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fromBufferPromise } from 'yauzl';
import type { DemoImage } from './demo-options.ts';
import { explainOn } from './explain.ts';
import { type Client, fetchReply, pollJob, startJob } from './run-job.ts';
import type { DemoApp } from './start-app.ts';

const QUERY = 'formats=webp,avif,jpeg';

/** Leaves the zip in the folder. */
export async function showRenditions(
  client: Client,
  app: DemoApp,
  { fileName, content }: DemoImage,
  folder: string,
): Promise<void> {
  const { screen } = client;
  const explain = explainOn(screen);
  explain(
    `1. Start a job: POST ${fileName}, ${(content.length / 1e6).toFixed(1)} MB`,
    'The type is only a claim: the app goes by the bytes.',
  );
  const accepted = await startJob(
    client,
    `${app.url}/api/operations/image-renditions?${QUERY}`,
    'image/jpeg',
    content,
  );

  explain(
    '2. Poll: GET Location until it redirects',
    'The queue gave the job to the workflow engine: one activity looks at the',
    'image, then one for each width and format renders, four at a time. Lines',
    'with a * are what the activities write to the log as they end.',
  );
  const rendered = new Set<string>();
  const stopShowing = app.onLine((line) => {
    const [, message] = /attempt said .*"message":"(rendered [^"]*)"/.exec(line) ?? [];
    if (message === undefined) return;
    rendered.add(message);
    screen.line(`   * ${screen.strong(message)}`);
  });
  const replyUrl = await pollJob(client, accepted).finally(stopShowing);

  explain(
    '3. Follow the redirect: GET the reply',
    'The last activity packed and published the zip; storage serves it.',
  );
  const zip = await fetchReply(client, replyUrl);
  const names: string[] = [];
  for await (const { fileName: name } of (await fromBufferPromise(zip)).eachEntry()) names.push(name);
  if (names.length !== rendered.size + 1) {
    throw new Error(`The zip has ${names.length} files, of a manifest and ${rendered.size} renditions.`);
  }
  explain(`The reply: a zip of a manifest and ${rendered.size} renditions`);
  for (const name of names) screen.line(`   ${name}`);
  const zipFile = join(folder, 'renditions.zip');
  await writeFile(zipFile, zip);
  screen.line();
  screen.line(`The zip is in ${screen.strong(relative('.', zipFile))}.`);
}

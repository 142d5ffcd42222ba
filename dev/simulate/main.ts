/**
 * `npm run simulate`: writes the tables and plots of docs/scale.md. `-- --check`: runs jobs on the local host and Azurite, writes
 * what was measured beside what is simulated, and ends with 1 where the two are too far apart.
 */
import { writeFileSync } from 'node:fs';
import { startAzurite } from '../azurite.ts';
import { buildApp } from '../build.ts';
import { writePart } from '../generated-part.ts';
import { startLocalHost } from '../host/local-host.ts';
import { readOptions } from '../read-options.ts';
import { checkTable, compare, isWithin } from './check.ts';
import { measuredRun } from './measured-run.ts';
import { PAGE, scalePage } from './scale-page.ts';
import { maxPollingMs } from './scenarios.ts';

const CHECK_JOBS = 96;
const CHECK_SECONDS = 3;

const { values } = readOptions('npm run simulate', {
  options: { check: { type: 'boolean', default: false } },
});
if (values.check) await check();
else {
  const { parts, images } = await scalePage();
  for (const [name, text] of Object.entries(parts)) writePart(PAGE, name, text);
  for (const [file, svg] of Object.entries(images)) writeFileSync(file, svg);
  console.log(`${PAGE} and ${Object.keys(images).join(', ')} are written.`);
}

async function check(): Promise<void> {
  const entry = await buildApp();
  const azurite = await startAzurite();
  try {
    const host = await startLocalHost({
      entry,
      port: 0,
      settings: { AzureWebJobsStorage: azurite.connectionString, DIAGNOSTIC_OPERATIONS: 'true' },
    });
    const run = await measuredRun(host.url, CHECK_JOBS, CHECK_SECONDS).finally(() => host.kill());
    const compared = await compare(run, maxPollingMs);
    const table = checkTable(run, compared);
    console.log(table);
    const holds = compared.every(isWithin);
    if (holds) writePart(PAGE, 'check', table);
    process.exitCode = holds ? 0 : 1;
  } finally {
    await azurite.stop();
  }
}

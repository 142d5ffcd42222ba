/**
 * `npm run chaos`: `-- --jobs N --kills K --faults F --seed S`. The schedule is made from the seed, so a run can be played
 * again; `--minutes M` starts no further job after so long; `--write` puts the run's table into docs/reliability.md. Ends with 1
 * where anything was found.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAzurite } from '../azurite.ts';
import { writePart } from '../generated-part.ts';
import { readOptions, wholeNumber } from '../read-options.ts';
import { chaos } from './chaos.ts';
import { chaosTable } from './chaos-table.ts';

/** On the real host 600: shorter, so that the messages of killed hosts return within the run. */
const MESSAGE_VISIBILITY_SECONDS = 120;

const { values } = readOptions('npm run chaos', {
  options: {
    jobs: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '200' },
    faults: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    hosts: { type: 'string', default: '3' },
    clients: { type: 'string', default: '160' },
    minutes: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const kills = wholeNumber('--kills', values.kills);
const seed = wholeNumber('--seed', values.seed);
console.log(`seed ${seed}`);
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));
const azurite = await startAzurite({ preload: join(import.meta.dirname, '../azurite-that-keeps.ts') });
try {
  const report = await chaos({
    azurite,
    jobs: wholeNumber('--jobs', values.jobs),
    kills,
    pauses: Math.ceil(kills / 10),
    faults: wholeNumber('--faults', values.faults),
    hosts: wholeNumber('--hosts', values.hosts),
    clients: wholeNumber('--clients', values.clients),
    startsForSeconds:
      values.minutes === undefined ? undefined : 60 * wholeNumber('--minutes', values.minutes),
    seed,
    pollMs: 1000,
    messageVisibilitySeconds: MESSAGE_VISIBILITY_SECONDS,
    pass: (seconds) => sleep(seconds * 1000),
    settleSeconds: 900,
    asksForAll: false,
    say: (line) => console.log(line),
  });
  const table = chaosTable(report);
  console.log(`\n${table}`);
  if (values.write) writePart('docs/reliability.md', 'chaos', table);
  for (const { what, ref, detail } of report.findings) console.log(`${what}: ${ref} ${detail}`);
  process.exitCode = report.findings.length === 0 ? 0 : 1;
} finally {
  await azurite.stop();
}

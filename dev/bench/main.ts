/**
 * `npm run bench`: every benchmark, each beside its floor. `-- NAME…` runs these alone, `--quick` only sees that they work,
 * `--write` puts the tables into docs/performance.md. What was measured is in `dist/bench/results.json` afterwards, or in the file
 * that `--json` names.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { buildApp } from '../build.ts';
import { writePart } from '../generated-part.ts';
import { readOptions, refuse } from '../read-options.ts';
import { benches } from './benches.ts';
import { benchJson, benchTable } from './table.ts';

const PAGE = 'docs/performance.md';

const { values, positionals: names } = readOptions('npm run bench', {
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    json: { type: 'string', default: 'dist/bench/results.json' },
  },
});
const unknown = names.find((name) => !benches.some((bench) => bench.name === name));
if (unknown !== undefined) {
  refuse(`There is no bench '${unknown}': there are ${benches.map(({ name }) => name).join(', ')}.`);
}
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));

const context = {
  // Not where `npm run build` puts it: whoever runs the app meanwhile is to keep it.
  appEntry: buildApp({ outFile: 'dist/bench/app/main.cjs' }),
  floorEntry: buildApp({ entryFile: 'dev/bench/floor/main.ts', outFile: 'dist/bench/floor/main.cjs' }),
  isQuick: values.quick,
  say: (line: string) => console.error(line),
};
const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node.js ${process.version}`;
const results: object[] = [];
for (const bench of benches) {
  if (names.length > 0 ? !names.includes(bench.name) : bench.isOnlyByName) continue;
  const loadBefore = loadavg()[0]?.toFixed(1);
  context.say(`\n${bench.name} (load of the machine before: ${loadBefore})`);
  const beganMs = performance.now();
  const figures = await bench.run(context);
  const seconds = Math.round((performance.now() - beganMs) / 1000);
  const table = benchTable(figures, bench.floorName);
  console.log(`\n${bench.name}: ${bench.title}\n\n${table}`);
  context.say(`${bench.name} took ${seconds} s`);
  results.push({ bench: bench.name, title: bench.title, seconds, loadBefore, figures: benchJson(figures) });
  const date = new Date().toISOString().slice(0, 10);
  if (values.write)
    writePart(
      PAGE,
      `bench ${bench.name}`,
      `${date}, ${machine}, load of the machine before ${loadBefore}\n\n${table}`,
    );
}
writeFileSync(values.json, `${JSON.stringify({ machine, isQuick: values.quick, results }, undefined, 2)}\n`);

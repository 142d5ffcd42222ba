/**
 * `npm run fuzz`: what nobody should send, to the built app on the local host and to its parts. `-- --inputs N --seed S`,
 * and `--only KIND` for one kind of them.
 * Ends with 1 where anything was answered with a 5xx of ours, not answered, crashed, or left something behind.
 */
import { readOptions, wholeNumber } from '../read-options.ts';
import { fuzz } from './fuzz.ts';

const { values } = readOptions('npm run fuzz', {
  options: {
    inputs: { type: 'string', default: '200000' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const began = performance.now();
const seed = wholeNumber('--seed', values.seed);
console.log(`seed ${seed}`);
const { kinds, aftermath } = await fuzz(
  wholeNumber('--inputs', values.inputs),
  seed,
  (line) => console.log(line),
  values.only,
);
const findings = [
  ...kinds.flatMap(({ kind, findings: found }) => found.map((text) => `${kind}: ${text}`)),
  ...aftermath,
];
const inputs = kinds.reduce((sum, kind) => sum + kind.inputs, 0);
console.log(
  `\n${inputs} inputs in ${Math.round((performance.now() - began) / 1000)} s, ${findings.length} findings`,
);
for (const finding of findings) console.log(`\n${finding}`);
process.exitCode = findings.length === 0 ? 0 : 1;

import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

/** What the command says where its options are wrong, in a process of its own, which that ends. */
function refused(file: string, ...args: string[]): readonly [number | null, string] {
  const { status, stderr } = spawnSync(process.execPath, [file, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return [status, stderr];
}

test.each([
  ['fuzz', ['inputs', 'only', 'seed']],
  ['model', ['short', 'write']],
])('npm run %s says in a line what it takes', (name, options) => {
  const takes = options.map((option) => `--${option}`).join(', ');
  expect(refused(`dev/${name}/main.ts`, '--colour')).toEqual([
    2,
    `Unknown option '--colour'. npm run ${name} takes ${takes}.\n`,
  ]);
});

test('a number that is none is no run of nothing', () => {
  const told = [2, "--inputs is 'many'; it wants a whole number.\n"];
  expect(refused('dev/fuzz/main.ts', '--inputs', 'many')).toEqual(told);
});

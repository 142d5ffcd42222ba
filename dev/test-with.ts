/**
 * `node dev/test-with.ts NAME=VALUE… FILE…`: builds, then runs test files in the form that a variable of theirs asks for.
 * A shell of Windows cannot set a variable for one command.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { buildApp } from './build.ts';

const ASSIGNMENT = /^([A-Z_]+)=(.*)$/;
const args = process.argv.slice(2);
const variables = Object.fromEntries(
  args.flatMap((arg) => {
    const [, name = '', value = ''] = ASSIGNMENT.exec(arg) ?? [];
    return name === '' ? [] : [[name, value]];
  }),
);

buildApp();
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status } = spawnSync(
  process.execPath,
  [jest, '-w', '1', ...args.filter((arg) => !ASSIGNMENT.test(arg))],
  { stdio: 'inherit', env: { ...process.env, ...variables } },
);
process.exitCode = status ?? 1;

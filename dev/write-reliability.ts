/**
 * `npm run reliability`, `reliability:kills`, `reliability:crashes`: write into docs/reliability.md what a test did or measured,
 * by that test in its long form. It is named on the command line.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status } = spawnSync(process.execPath, [jest, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, UPDATE_RELIABILITY: 'true' },
});
process.exitCode = status ?? 1;

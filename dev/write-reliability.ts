/** `npm run reliability`: writes what the faults did into docs/reliability.md, by the test that makes them. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest.js');
const { status } = spawnSync(process.execPath, [jest, 'test/jobs/faults'], {
  stdio: 'inherit',
  env: { ...process.env, UPDATE_RELIABILITY: 'true' },
});
process.exitCode = status ?? 1;

/**
 * `npm run test:identity`: the contract suite, whole or the files named, with storage as in Azure (test/support/app-storage.ts). A
 * program, since a variable before a command is not for every shell.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const files = process.argv.slice(2).map((file) => `test/contract/${file}`);
const child = spawn(
  process.execPath,
  ['node_modules/jest/bin/jest.js', ...(files.length === 0 ? ['test/contract'] : files)],
  { env: { ...process.env, STORAGE_AUTH: 'identity' }, stdio: 'inherit' },
);
const [code] = await once(child, 'close');
process.exitCode = code ?? 1;

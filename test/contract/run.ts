/**
 * `npm run contract -- HOST [FILE…]`: the contract suite on a host of hosts.ts, whole or these files of it. No file is left out
 * that hosts.ts does not name, with its reason.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packageApp } from '../../dev/package.ts';
import { unpack } from '../support/unpack.ts';
import { type ContractHost, contractHosts, isContractHost, leftOut } from './hosts.ts';

const suite = globSync('test/contract/**/*.test.ts')
  .map((file) => file.slice('test/contract/'.length))
  .filter((file) => !isContractHost(/^on-(\w+)\//.exec(file)?.[1] ?? ''))
  .toSorted();

async function run(host: ContractHost, named: readonly string[]): Promise<number> {
  const reasons = leftOut[host];
  const unknown = Object.keys(reasons).filter((file) => !suite.includes(file));
  if (unknown.length > 0) throw new Error(`hosts.ts leaves out what is not there: ${unknown.join(', ')}`);
  const files = suite.filter(
    (file) => !(file in reasons) && (named.length === 0 || named.some((name) => name.endsWith(file))),
  );
  console.log(`The contract suite, ${files.length} files, on ${contractHosts[host]}.`);
  for (const [file, reason] of Object.entries(reasons)) console.log(`Left out: ${file}, which ${reason}.`);

  const folder = mkdtempSync(join(tmpdir(), 'contract-'));
  try {
    const report = join(folder, 'report');
    writeFileSync(report, '');
    const environment = {
      CONTRACT_HOST: host,
      CONTRACT_REPORT: report,
      ...(host === 'package' && { CONTRACT_PACKAGE: await unpackedPackage(folder) }),
    };
    const paths = files.map((file) => join('test/contract', file));
    const code = await jest(['--runTestsByPath', ...paths], environment);
    const there = new Set(readFileSync(report, 'utf8').split('\n'));
    const elsewhere = paths.filter((path) => host !== 'local' && !there.has(resolve(path)));
    for (const path of elsewhere) console.error(`${path} started no app there: say why in hosts.ts.`);
    return elsewhere.length > 0 ? 1 : code;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Resolves with the folder that has the package and nothing else. */
async function unpackedPackage(folder: string): Promise<string> {
  const { zipFile } = await packageApp(join(folder, 'made'));
  const unpacked = join(folder, 'unpacked');
  await unpack(zipFile, unpacked);
  return unpacked;
}

async function jest(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...args], {
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'close');
  return code ?? 1;
}

const [host = '', ...named] = process.argv.slice(2);
if (isContractHost(host)) process.exitCode = await run(host, named);
else {
  console.error(`npm run contract -- ${Object.keys(contractHosts).join('|')} [FILE…]`);
  process.exitCode = 2;
}

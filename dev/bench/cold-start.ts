/**
 * What an instance does before it serves anything: its entry file is loaded and registers every function. As one bundle, and as files
 * beside node_modules; each in a fresh process, in turns. Files are in the system's cache, so what reading thousands of them from a
 * slow disk takes comes on top.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { buildApp } from '../build.ts';
import { packageApp } from '../package.ts';
import type { Bench, BenchContext } from './bench.ts';
import type { Loaded } from './load-entry.ts';
import { buildUnbundled } from './unbundled.ts';

const ROUNDS = 15;
const PACKAGE_FOLDER = 'dist/bench/package';

export const coldStart: Bench = {
  name: 'cold-start',
  title: 'The entry file loaded in a fresh process, bundled and not',
  floorName: 'unbundled',
  run: measure,
};

async function measure({ appEntry, isQuick, say }: BenchContext) {
  const loader = buildApp({ entryFile: 'dev/bench/load-entry.ts', outFile: 'dist/bench/load-entry.cjs' });
  const entries = [appEntry, buildUnbundled('dist/bench/unbundled')];
  const rounds: [Loaded[], Loaded[]] = [[], []];
  // The first of each is what reads the files.
  for (let round = -1; round < (isQuick ? 1 : ROUNDS); round++) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const which of order) {
      const loaded = await load(loader, entries[which] ?? '');
      if (round >= 0) rounds[which]?.push(loaded);
    }
  }
  const each = (part: keyof Loaded) => {
    const [ours, floor] = rounds.map((loads) => loads.map((loaded) => loaded[part]));
    return { ours: ours ?? [], floor: floor ?? [] };
  };
  const figures = [
    { name: 'load', unit: 'ms', ...each('ms') },
    { name: 'functions registered', unit: 'functions', ...each('functions') },
    { name: 'memory after load', unit: 'MB', ...each('memoryMB') },
    { name: 'bundle', unit: 'MB', ours: [statSync(appEntry).size / 1e6] },
  ];
  if (isQuick) return figures;
  say('the package');
  const { zipBytes } = await packageApp(PACKAGE_FOLDER);
  return [...figures, { name: 'package, zipped', unit: 'MB', ours: [zipBytes / 1e6] }];
}

/** With the settings and without the flags that the platform's worker has. */
async function load(loader: string, entry: string): Promise<Loaded> {
  const child = fork(loader, [entry], {
    env: {
      PATH: process.env.PATH,
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
    },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [loaded] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`${entry} does not load.`);
    }),
  ])) as [Loaded];
  return loaded;
}

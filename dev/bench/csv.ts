/**
 * How fast `csv-profile` reads: beside csv-parse alone with the same options on the same stream, and beside Python's `csv`, which is
 * written in C and does no more than cut the fields either.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../find-program.ts';
import type { Bench, BenchContext } from './bench.ts';
import { csvRows } from './csv-rows.ts';
import type { Figure } from './figure.ts';

const ROUNDS = 7;
const FILE_BYTES = 24_000_000;
const QUICK_BYTES = 500_000;
const FILE = 'dist/bench/rows.csv';
const PYTHON = `import csv, sys, time
began = time.perf_counter()
rows = 0
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    for _ in csv.reader(file):
        rows += 1
print(time.perf_counter() - began, rows - 1)`;

type Reader = () => Promise<{ seconds: number; rows: number }>;

export const csv: Bench = {
  name: 'csv',
  title: 'csv-profile, beside what only cuts the fields',
  floorName: 'beside it',
  run: measure,
};

async function measure({ isQuick, say }: BenchContext): Promise<readonly Figure[]> {
  const bytes = csvRows(isQuick ? QUICK_BYTES : FILE_BYTES);
  mkdirSync('dist/bench', { recursive: true });
  writeFileSync(FILE, bytes);
  const [ours, parser] = [await startReader('ours'), await startReader('parser')];
  const python = pythonReader();
  if (python === undefined) say('no python3 on this machine: its row is left out');
  const readers = [ours.read, parser.read, ...(python ? [python] : [])];
  const rates: number[][] = readers.map(() => []);
  try {
    // The first round warms up.
    for (let round = -1; round < (isQuick ? 1 : ROUNDS); round++) {
      const turns = [...readers.keys()];
      const rows = new Set<number>();
      for (const which of round % 2 === 0 ? turns : turns.toReversed()) {
        const read = await readers[which]?.();
        rows.add(read?.rows ?? 0);
        if (round >= 0) rates[which]?.push(bytes.length / 1e6 / (read?.seconds ?? 0));
      }
      if (rows.size !== 1) throw new Error(`They do not read the same rows: ${[...rows].join(', ')}.`);
    }
  } finally {
    for (const side of [ours, parser]) side.stop();
    rmSync(FILE);
  }
  const [profiled = [], parsed = [], pythons = []] = rates;
  return [
    { name: 'beside csv-parse alone', unit: 'MB/s', ours: profiled, floor: parsed },
    ...(python ? [{ name: 'beside Python’s csv', unit: 'MB/s', ours: profiled, floor: pythons }] : []),
  ];
}

async function startReader(side: 'ours' | 'parser'): Promise<{ read: Reader; stop(): void }> {
  const child = fork(join(import.meta.dirname, 'csv-process.ts'), [side, FILE]);
  const next = async () => {
    const [message] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`The reader of ${side} has ended.`);
      }),
    ]);
    return message;
  };
  await next();
  return {
    async read() {
      child.send('read');
      return (await next()) as Awaited<ReturnType<Reader>>;
    },
    stop: () => child.disconnect(),
  };
}

function pythonReader(): Reader | undefined {
  const python = findProgram('python3');
  if (python === undefined) return undefined;
  return async () => {
    const [seconds = Number.NaN, rows = Number.NaN] = execFileSync(python, ['-c', PYTHON, FILE], {
      encoding: 'utf8',
    })
      .split(' ')
      .map(Number);
    return { seconds, rows };
  };
}

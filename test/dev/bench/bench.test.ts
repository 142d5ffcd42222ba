/** The benches work: each figure is measured beside its floor. How large it is, only an idle machine can say. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from '@jest/globals';
import { testOn } from '../../support/platform.ts';
import { trackProcess } from '../../support/processes.ts';

const LIMIT_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Results {
  readonly isQuick: boolean;
  readonly results: readonly {
    readonly bench: string;
    readonly figures: readonly {
      readonly name: string;
      readonly unit: string;
      readonly ours: { readonly median: number };
      readonly ratio?: number;
    }[];
  }[];
}

async function run(
  ...options: string[]
): Promise<{ exitCode: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, ['dev/bench/main.ts', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await trackProcess(child.pid ?? 0, 'the benches');
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await ended, output, errors };
}

testOn(
  'posix',
  'Windows pauses no process',
  'the benches that are named run, and tell a table and a file',
  async () => {
    const file = join(folder, 'results.json');
    const { exitCode, output, errors } = await run(
      '--quick',
      'poll',
      'work',
      'csv',
      'gigabyte',
      'cold-start',
      '--json',
      file,
    );
    expect({ exitCode, errors }).toMatchObject({ exitCode: 0 });
    expect(output).toContain('| 64 clients | requests/s |');

    const { isQuick, results } = JSON.parse(readFileSync(file, 'utf8')) as Results;
    expect(isQuick).toBe(true);
    expect(results.map(({ bench }) => bench)).toEqual(['poll', 'work', 'csv', 'gigabyte', 'cold-start']);
    const figures = results.flatMap((result) => result.figures).filter(({ ratio }) => ratio !== undefined);
    for (const { ratio } of figures) expect(ratio).toBeGreaterThan(0);
    expect(figures.length).toBeGreaterThan(10);
  },
  LIMIT_MS,
);

testOn(
  'posix',
  'Windows pauses no process',
  'what grows costs the same in storage calls, by pending jobs, lanes and hosts',
  async () => {
    const file = join(folder, 'growth.json');
    const names = ['growth', 'growth-lanes', 'growth-hosts'];
    const { exitCode, errors } = await run('--quick', ...names, '--json', file);
    expect({ exitCode, errors }).toMatchObject({ exitCode: 0 });

    const { results } = JSON.parse(readFileSync(file, 'utf8')) as Results;
    const figures = results.flatMap((result) => result.figures);
    const of = (name: RegExp, unit: string) =>
      figures.filter((one) => name.test(one.name) && one.unit === unit).map(({ ours }) => ours.median);
    expect(of(/^accept/, 'calls')).toEqual([2]);
    expect(of(/^poll/, 'calls')).toEqual([1]);
    expect(of(/^short job/, 'calls')).toEqual([5, 5, 5, 5]);
    expect(of(/^attempts beyond the first/, 'attempts')).toEqual([0, 0]);
    const workedOff = of(/^work,|worked off,/, 'calls');
    expect(workedOff).toHaveLength(5);
    // On a machine that is slow enough one may last a second, and claims.
    for (const calls of workedOff) expect(Math.floor(calls)).toBe(3);
    // A host that is refused asks once.
    const [alone = 0, both = 0] = of(/^a pass of the sweep, all at once/, 'calls');
    expect(both).toBeGreaterThan(alone);
  },
  LIMIT_MS,
);

test('a bench that is not there is said so, with those that are', async () => {
  const { exitCode, errors } = await run('no-such-bench');
  expect(exitCode).toBe(2);
  expect(errors).toMatch(/no bench 'no-such-bench'.*accept, poll/);
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import packageJson from '../../package.json' with { type: 'json' };
import { settings } from '../../src/config.ts';
import { problems } from '../../src/http/problem.ts';
import { LAYOUT } from '../../src/jobs/job.ts';
import { tableRows } from './markdown-table.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const names = (text: string | undefined) => text?.split(/,\s*/) ?? [];

describe('the settings in README.md', () => {
  const rows = tableRows(read('README.md'));

  /** As the table writes a default: `none` for nothing. */
  function defaultOf(name: keyof typeof settings): string {
    const value: unknown = settings[name].parse(undefined);
    return value === undefined || (Array.isArray(value) && value.length === 0) ? 'none' : String(value);
  }

  test.each(Object.keys(settings) as (keyof typeof settings)[])('have %s with its default', (name) => {
    const row = rows.find(([cell]) => cell === name);
    expect(row?.slice(0, 2)).toEqual([name, defaultOf(name)]);
  });

  test('have no other one but the storage connection', () => {
    const documented = rows.map(([cell]) => cell).filter((cell) => /^[A-Z_]+$/.test(cell ?? ''));
    expect(documented.toSorted()).toEqual(Object.keys(settings).toSorted());
    expect(rows.map(([cell]) => cell)).toContain('JobStorage');
  });
});

test('docs/problems.md has every problem with its status, and no other', () => {
  const documented = tableRows(read('docs/problems.md'))
    .slice(1)
    .map(([code, status]) => [code, Number(status)]);
  const known = Object.entries(problems).map(([code, { status }]) => [code, status]);
  expect(documented.toSorted()).toEqual(known.toSorted());
});

describe('docs/dependencies.md', () => {
  const documented = tableRows(read('docs/dependencies.md')).flatMap(([cell]) => names(cell));
  const { dependencies, devDependencies } = packageJson;

  test.each(Object.keys({ ...dependencies, ...devDependencies }))('has %s', (name) => {
    expect(documented).toContain(name);
  });

  test('has none that is gone', () => {
    const gone = documented.filter(
      (name) => name !== 'package' && !(name in dependencies || name in devDependencies),
    );
    expect(gone).toEqual([]);
  });
});

describe('every npm script that is named exists', () => {
  test.each(['README.md', 'CONTRIBUTING.md', '.ci/run'])('in %s', (file) => {
    const named = [...read(file).matchAll(/\bnpm (?:run ([a-z:-]+)|(test|start)\b)/g)].map(
      ([, script, shortForm]) => script ?? shortForm ?? '',
    );
    expect(named).not.toEqual([]);
    expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });
});

describe('the version', () => {
  const { version } = packageJson;

  test('is the same wherever it stands', () => {
    const lock = JSON.parse(read('package-lock.json'));
    expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
    expect(read('azure.yaml')).toContain(`\n  template: ${packageJson.name}@${version}\n`);
  });

  test('heads CHANGELOG.md with its day, behind what is not released where there is any', () => {
    const [first, second] = read('CHANGELOG.md').split(/^## /m).slice(1);
    if (first?.startsWith('Unreleased')) expect(first).toMatch(/^- /m);
    const newest = first?.startsWith('Unreleased') ? second : first;
    expect(newest?.split('\n')[0]).toMatch(
      new RegExp(`^${version.replaceAll('.', '\\.')} - \\d{4}-\\d\\d-\\d\\d$`),
    );
  });

  test('of the layout is the one that docs/upgrading.md explains', () => {
    expect(read('docs/upgrading.md')).toContain(`layout \`v\`, now ${LAYOUT} `);
  });
});

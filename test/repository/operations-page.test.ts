/** docs/operations.md shows the queries as they are, has every alert, and names what there is. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { settings } from '../../src/config.ts';
import { newId, ownerOf, refOf, SHARED_OWNER } from '../../src/jobs/identity.ts';
import { metrics } from '../../src/telemetry/catalogue.ts';
import { describeOn } from '../support/platform.ts';
import { describeWithTool } from '../support/tool.ts';
import { tableRows } from './markdown-table.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const blocks = [...page.matchAll(/^\[(\S+)\]\(\.\.\/(\S+)\)\n\n```kusto\n(.*?)```$/gms)];
const all = (pattern: RegExp, text = page) => [...text.matchAll(pattern)].map(([, found = '']) => found);

test.each(blocks.map(([, , file = '', query = '']) => [file, query]))('shows %s as it is', (file, query) => {
  expect(query).toBe(readFileSync(file, 'utf8'));
});

test('shows no query besides, and names every one there is', () => {
  expect(page.match(/^```kusto$/gm)).toHaveLength(blocks.length);
  const named = all(/\]\(\.\.\/(infra\/queries\/\S+?\.kql)\)/g);
  expect([...new Set(named)].toSorted()).toEqual(
    globSync('infra/queries/*.kql')
      .map((file) => file.replaceAll('\\', '/'))
      .toSorted(),
  );
  for (const name of all(/`ask ([\w-]+)`/g)) expect(named).toContain(`infra/queries/${name}.kql`);
});

test('has every alert, and no other', () => {
  const [, , section = ''] = /^## Alerts\n(.*?)^(\|.*?)^$/ms.exec(page) ?? [];
  const known = [
    ...all(/^ {4}name: '([\w-]+)'$/gm, readFileSync('infra/alerts.bicep', 'utf8')),
    'storage-unavailable',
  ];
  const rows = tableRows(section).slice(1);
  expect(rows.map(([name]) => name).toSorted()).toEqual(known.toSorted());
  for (const [, , see] of rows) expect(see).toMatch(/\(#/);
});

test('its links within the page lead somewhere', () => {
  const anchors = all(/^## (.*)$/gm).map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  expect(all(/\]\(#([^)]+)\)/g).filter((anchor) => !anchors.includes(anchor))).toEqual([]);
});

test.each([
  ['settings', all(/\b((?:FAST|MAX|SWEEP)_[A-Z_]+)\b/g), Object.keys(settings)],
  [
    'problems',
    all(/`((?:job|backlog|attempts)-[a-z]+)`/g).filter((code) => code !== 'attempts-lost'),
    all(/`([a-z]+(?:-[a-z]+)+)`/g, readFileSync('docs/problems.md', 'utf8')),
  ],
  ['metrics', all(/`(request_reply\.[\w.]+)`/g), Object.values(metrics).map(({ name }) => name)],
  [
    'functions',
    [
      ...all(/\boperator ([a-z]+-jobs?)\b/g).map((name) => `operator-${name}`),
      ...all(/(?:--function-name |admin\/functions\/|function:)([a-z][\w-]+)/g),
    ],
    all(
      /^ {2}"([\w-]+): /gm,
      readFileSync('test/repository/__snapshots__/registrations.test.ts.snap', 'utf8'),
    ),
  ],
])('names no %s but what there are', (_, named, known) => {
  expect(new Set(named).size).toBeGreaterThan(2);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

describeOn('posix', 'they are for its shells', 'the commands', () => {
  test.each(all(/^```sh\n(.*?)^```$/gms))('bash takes %s', (commands) => {
    execFileSync('bash', ['-n'], { input: commands });
  });

  describeWithTool('openssl', 'give the ref of an id', () => {
    const [ofAnybody = '', ofOwner = ''] = all(/```sh\n(.*openssl.*)\n```/g);
    const run = (command: string, env: Readonly<Record<string, string>>) =>
      execFileSync('sh', ['-c', command], { env: { ...process.env, ...env }, encoding: 'utf8' });

    test.each(Array.from({ length: 5 }, newId))('%s', (id) => {
      expect(run(ofAnybody, { ID: id })).toBe(refOf(SHARED_OWNER, id));
      const owner = ownerOf('aad', 'principal');
      expect(run(ofOwner, { ID: id, PRINCIPAL: 'principal' })).toBe(refOf(owner, id));
    });
  });
});

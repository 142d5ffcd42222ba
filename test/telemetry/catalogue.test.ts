import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { attributes, type Metric, metrics, type SpanKind, spans } from '../../src/telemetry/catalogue.ts';
import { tableRows } from '../repository/markdown-table.ts';

const known: readonly Metric[] = Object.values(metrics);
const plain = (text: string) => text.replaceAll('`', '');
const rows = (heading: string) => {
  const [, section = ''] = readFileSync('docs/telemetry.md', 'utf8').split(`\n## ${heading}\n`);
  return tableRows(section.split('\n## ')[0] ?? '').slice(1);
};

test('docs/telemetry.md has every metric, and no other', () => {
  expect(rows('Metrics')).toEqual(
    known.map(({ name, is, unit, attributes: told, outcomes = [], description }) => [
      name,
      is,
      unit,
      told.join(', '),
      outcomes.join(', '),
      plain(description),
    ]),
  );
});

test('docs/telemetry.md has every kind of span, and no other', () => {
  expect(rows('Spans')).toEqual(
    (Object.values(spans) as SpanKind[]).map(({ name, kind, parent }) => [name, kind, plain(parent)]),
  );
});

describe.each(known)('$name', ({ name, is, unit, attributes: told, outcomes }) => {
  test('is named as OpenTelemetry names metrics', () => {
    expect(name).toMatch(/^request_reply(\.[a-z]+(_[a-z]+)*)+$/);
    expect(name).not.toMatch(/total$|seconds$/);
    expect(unit).toMatch(is === 'distribution' ? /^s$/ : /^(s|\{[a-z]+\})$/);
  });

  test('has outcomes where it is told apart by them', () => {
    expect(outcomes !== undefined).toBe(told.includes('outcome'));
  });
});

test('no attribute of a metric names a job', () => {
  const ofJobs = new Set<string>([attributes.ref, attributes.attempt]);
  expect(known.flatMap((metric) => metric.attributes).filter((name) => ofJobs.has(attributes[name]))).toEqual(
    [],
  );
});

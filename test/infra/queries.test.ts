/** The queries of infra/queries/ are right KQL, and what they name is there: metrics, attributes, outcomes, log lines, facts. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { attributes, type Metric, metrics } from '../../src/telemetry/catalogue.ts';
import { faultsOf } from './kusto.ts';
import { logLines } from './log-lines.ts';

const queries = globSync('infra/queries/**/*.kql')
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted()
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
const known: readonly Metric[] = Object.values(metrics);
const lines = logLines();

/** All that a pattern finds in a query's code, by its first group. */
const allIn = (text: string, pattern: RegExp) =>
  [...text.replaceAll(/^\/\/.*$/gm, '').matchAll(pattern)].map(([, found = '']) => found);

/** What a query says that neither the catalogue nor the log has. */
function unknownIn(text: string): string[] {
  const told = allIn(text, /customDimensions\["([^"]+)"\]/g);
  const named = allIn(text, /"(request_reply\.[^"]+)"/g).filter((name) => !told.includes(name));
  const used = named.flatMap((name) => known.find((metric) => metric.name === name) ?? []);
  const ofThese = /"request_reply\."/.test(text) ? known : used;
  const outcomes = allIn(text, /outcome"?\]?\)? (?:==|in) (\(.*?\)|".*?")/g).flatMap((list) =>
    allIn(list, /"(\w+)"/g),
  );
  const begun = allIn(text, /startswith "(\w[^"]*) \{"/g);
  const facts = allIn(text, /\bfacts(?:\.|\[")(\w+)/g);
  return [
    ...named.filter((name) => !used.some((metric) => metric.name === name)),
    ...told.filter((name) =>
      ofThese.length > 0
        ? !ofThese.some((metric) => metric.attributes.some((each) => attributes[each] === name))
        : !Object.values<string>(attributes).includes(name),
    ),
    ...outcomes.filter((outcome) => !ofThese.some((metric) => metric.outcomes?.includes(outcome))),
    ...begun.filter((words) => !lines.has(words)),
    ...facts.filter((fact) => !begun.some((words) => lines.get(words)?.has(fact))),
  ];
}

test('the lines of the log are known with their facts', () => {
  expect(lines.size).toBeGreaterThan(30);
  expect([...(lines.get('job failed') ?? [])]).toEqual(
    expect.arrayContaining(['ref', 'operation', 'attempt', 'code', 'error']),
  );
  expect([...(lines.get('jobs swept') ?? [])]).toContain('isRoundComplete');
});

describe.each(queries)('$file', ({ file, text }) => {
  test('is KQL that Application Insights takes', () => {
    expect(faultsOf(text)).toEqual([]);
  });

  test('names nothing that the app does not have', () => {
    expect(unknownIn(text)).toEqual([]);
  });

  test('says in its first line what it shows', () => {
    expect(text).toMatch(/^\/\/ [A-Z].*[.]\n/);
  });

  test('is used', () => {
    const users = ['infra/alerts.bicep', 'infra/workbook.bicep', 'docs/operations.md'];
    expect(
      users.filter((user) => readFileSync(user, 'utf8').includes(file.replace('infra/', ''))),
    ).not.toEqual([]);
  });
});

test.each(known.map(({ name }) => name))('%s is shown by a query of its own', (name) => {
  expect(queries.filter(({ text }) => allIn(text, /"([^"]+)"/g).includes(name))).not.toEqual([]);
});

describe('these checks find', () => {
  const query = (name: string) => readFileSync(`infra/queries/${name}.kql`, 'utf8');
  test.each([
    ['a metric that is gone', 'jobs', 'job.accepted', 'job.taken', 'request_reply.job.taken'],
    ['an attribute that is gone', 'backlog', '.lane', '.alley', 'request_reply.alley'],
    ['an attribute that the metric lacks', 'backlog', '.lane', '.operation', 'request_reply.operation'],
    ['an outcome that is gone', 'recoveries', '"lost"', '"dead"', 'dead'],
    ['an outcome that the metric lacks', 'alerts/jobs-fail', '"failed"', '"lost"', 'lost'],
    ['a line that is gone', 'sweeps', 'jobs swept {', 'all swept {', 'all swept'],
    ['a fact that the line lacks', 'sweeps', 'facts.pages', 'facts.leaves', 'leaves'],
  ])('%s', (_, name, is, instead, found) => {
    expect(query(name)).toContain(is);
    expect(unknownIn(query(name).replaceAll(is, instead))).toContain(found);
  });

  test.each([
    ['a column that is not there', 'jobs', 'valueSum', 'valueTotal', /valueTotal/],
    ['a table that is not there', 'sweeps', 'traces', 'logs', /logs/],
    ['what is no KQL', 'sweeps', '| project', '| show', /operator expected/],
  ])('%s', (_, name, is, instead, fault) => {
    expect(faultsOf(query(name).replaceAll(is, instead)).join()).toMatch(fault);
  });
});

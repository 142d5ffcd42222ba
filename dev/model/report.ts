/** What the model found, as text for docs/reliability.md. */
import type { Exploration, Scope, Violation } from './explore.ts';
import { type Rule, removals } from './rules.ts';

const number = (value: number) => value.toLocaleString('en-US');

export function scopeTable(explored: readonly (readonly [Scope, Exploration])[]): string {
  const rows = explored.map(([{ title, workers, limit, faults }, { states, violation }]) => {
    return `| ${title} | ${workers} | ${limit} | ${faults} | ${number(states)} | ${violation?.what ?? 'none'} |`;
  });
  const total = explored.reduce((sum, [, { states }]) => sum + states, 0);
  return [
    '| who acts | workers | attempts | faults | states | violations |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `${number(total)} states in all.`,
    '',
  ].join('\n');
}

export function counterexamples(found: readonly (readonly [Rule, Violation])[]): string {
  return found
    .map(([rule, { what, trace }]) =>
      [
        `**Without ${rule}** (${removals[rule]}): ${what}.`,
        '',
        ...trace.map((step, index) => `${index + 1}. ${step}`),
        '',
      ].join('\n'),
    )
    .join('\n');
}

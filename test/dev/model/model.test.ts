/** The protocol's model, in its short form: `npm run model` searches further. */
import { describe, expect, test } from '@jest/globals';
import { readPart } from '../../../dev/generated-part.ts';
import { explore, exploreWithout, type Violation } from '../../../dev/model/explore.ts';
import { counterexamples } from '../../../dev/model/report.ts';
import { type Rule, rules } from '../../../dev/model/rules.ts';
import { removalScopes, shortScopes } from '../../../dev/model/scopes.ts';

const SEARCH_LIMIT_MS = 90_000;

test.each(shortScopes)(
  '$title: no order of steps and faults breaks the protocol',
  (scope) => {
    const { states, violation } = explore(scope);
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(5000);
  },
  SEARCH_LIMIT_MS,
);

describe('a rule removed', () => {
  const found: [Rule, Violation][] = [];

  test.each(rules)(
    '%s: something breaks',
    (rule) => {
      const violation = exploreWithout(rule, removalScopes);
      expect(violation?.trace.length).toBeGreaterThan(1);
      if (violation) found.push([rule, violation]);
    },
    SEARCH_LIMIT_MS,
  );

  test('docs/reliability.md shows how (npm run model -- --write)', () => {
    expect(readPart('docs/reliability.md', 'rules')).toBe(counterexamples(found));
  });
});

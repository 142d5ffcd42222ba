/**
 * `npm run model`: searches the protocol of docs/design.md, section 2, for a sequence of steps and faults that breaks it,
 * then removes its rules one at a time and shows what each is for. `-- --short`: seconds instead of minutes; `-- --write`:
 * puts what was found into docs/reliability.md.
 */
import { writePart } from '../generated-part.ts';
import { readOptions } from '../read-options.ts';
import { type Exploration, explore, exploreWithout, type Scope, type Violation } from './explore.ts';
import { counterexamples, scopeTable } from './report.ts';
import { type Rule, rules } from './rules.ts';
import { longScopes, removalScopes, shortScopes } from './scopes.ts';

const PAGE = 'docs/reliability.md';

const { values } = readOptions('npm run model', {
  options: { short: { type: 'boolean' }, write: { type: 'boolean' } },
});

const explored: [Scope, Exploration][] = [];
for (const scope of values.short ? shortScopes : longScopes) {
  const startedMs = performance.now();
  const exploration = explore(scope);
  explored.push([scope, exploration]);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${scope.title}: ${exploration.states} states in ${seconds} s`);
  if (exploration.violation) {
    console.log([exploration.violation.what, ...exploration.violation.trace].join('\n  '));
    process.exitCode = 1;
  }
}
const found: [Rule, Violation][] = [];
for (const rule of rules) {
  const violation = exploreWithout(rule, removalScopes);
  if (violation) found.push([rule, violation]);
  else {
    console.log(`Without ${rule} nothing breaks: the model does not see what it is for.`);
    process.exitCode = 1;
  }
}
console.log(`\n${scopeTable(explored)}\n${counterexamples(found)}`);
if (values.write) {
  writePart(PAGE, 'model', scopeTable(explored));
  writePart(PAGE, 'rules', counterexamples(found));
}

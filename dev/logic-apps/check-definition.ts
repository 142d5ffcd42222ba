/**
 * Holds a definition to its schema and to what a schema cannot say: names that are referred to exist, expressions are
 * understood, and a Response stands where the platform takes one.
 */
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { type Action, type Actions, blocksOf, type Json, type WorkflowDefinition } from './definition.ts';
import { definitionSchema } from './definition-schema.ts';
import { functions } from './expressions/functions.ts';
import { type Expression, ExpressionSyntaxError } from './expressions/parse-expression.ts';
import { expressionsIn } from './expressions/template.ts';

/** All that is wrong with a definition, a line each. */
export class DefinitionError extends Error {}

const ajv = new Ajv({ allErrors: true, strict: false });
addFormats.default(ajv);
const matchesSchema = ajv.compile(definitionSchema);

/** @throws {DefinitionError} */
export function checkDefinition(definition: unknown): WorkflowDefinition {
  if (!matchesSchema(definition)) {
    const errors = (matchesSchema.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
    throw new DefinitionError(errors.join('\n'));
  }
  const checked = definition as unknown as WorkflowDefinition;
  const faults = [...faultsOf(checked)];
  if (faults.length > 0) throw new DefinitionError(faults.join('\n'));
  return checked;
}

interface PlacedAction {
  readonly name: string;
  readonly action: Action;
  readonly siblings: Actions;
  readonly loops: readonly string[];
}

function* placedActions(actions: Actions, loops: readonly string[] = []): Generator<PlacedAction> {
  for (const [name, action] of Object.entries(actions)) {
    yield { name, action, siblings: actions, loops };
    const inner = action.type === 'Foreach' ? [...loops, name] : loops;
    for (const block of blocksOf(action)) yield* placedActions(block, inner);
  }
}

function* faultsOf(definition: WorkflowDefinition): Generator<string> {
  const placed = [...placedActions(definition.actions)];
  const names = placed.map(({ name }) => name);
  yield* names.filter((name, index) => names.indexOf(name) < index).map((name) => `${name}: named twice`);

  const isRequest = Object.values(definition.triggers).every(({ type }) => type === 'Request');
  const responses = placed.filter(({ action }) => action.type === 'Response');
  if (responses.length > 0 && !isRequest) yield 'a Response without a Request trigger';
  const modes = new Set(responses.map(({ action }) => action.type === 'Response' && action.operationOptions));
  if (modes.size > 1) yield 'some Responses are asynchronous and some are not';

  for (const { name, action, siblings, loops } of placed) {
    if (action.type === 'Response' && loops.length > 0) yield `${name}: a Response in a loop`;
    const missing = Object.keys(action.runAfter).filter((before) => !(before in siblings));
    yield* missing.map((before) => `${name}: runs after ${before}, which is not beside it`);
    if (missing.length === 0 && runsAfterItself(name, siblings)) yield `${name}: runs after itself`;
    yield* expressionFaults(name, own(action), { names, loops, definition });
  }
  for (const [name, trigger] of Object.entries(definition.triggers)) {
    yield* expressionFaults(name, trigger as unknown as Json, { names: [], loops: [], definition });
  }
}

/** An action without those inside it. */
function own(action: Action): Json {
  const {
    actions: _,
    else: __,
    cases: ___,
    default: ____,
    ...rest
  } = action as unknown as Record<string, Json>;
  return rest;
}

function runsAfterItself(name: string, siblings: Actions, from = name, seen = new Set<string>()): boolean {
  return Object.keys(siblings[from]?.runAfter ?? {}).some((before) => {
    if (before === name) return true;
    if (seen.has(before)) return false;
    seen.add(before);
    return runsAfterItself(name, siblings, before, seen);
  });
}

interface Scope {
  readonly names: readonly string[];
  readonly loops: readonly string[];
  readonly definition: WorkflowDefinition;
}

function* expressionFaults(place: string, value: Json, scope: Scope): Generator<string> {
  try {
    for (const expression of expressionsIn(value)) {
      for (const fault of callFaults(expression, scope)) yield `${place}: ${fault}`;
    }
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    yield `${place}: ${error.message}`;
  }
}

function* callFaults(expression: Expression, scope: Scope): Generator<string> {
  if (expression.kind === 'literal') return;
  if (expression.kind === 'access') {
    yield* callFaults(expression.target, scope);
    yield* callFaults(expression.key, scope);
    return;
  }
  const { name, args } = expression;
  for (const arg of args) yield* callFaults(arg, scope);
  const known = functions[name];
  if (known === undefined) {
    yield `no function '${name}'`;
    return;
  }
  const [least, most] = known.arity;
  if (args.length < least || args.length > most) yield `'${name}' with ${args.length} arguments`;
  const [first] = args;
  const named = first?.kind === 'literal' ? String(first.value) : '';
  if (known.namesAction && !scope.names.includes(named)) yield `no action '${named}'`;
  if (name === 'items' && !scope.loops.includes(named)) yield `no loop '${named}' around it`;
  if (name === 'parameters' && !(named in scope.definition.parameters)) yield `no parameter '${named}'`;
}

/** Breadth first through every state, so that the first violation found has the shortest trace. */
import { brokenBy } from './invariants.ts';
import type { Rule } from './rules.ts';
import { type Actor, idle, keyOf, type Role, type State } from './state.ts';
import { transitionsFrom } from './transitions.ts';

export interface Scope {
  readonly title: string;
  /** Everybody beside the workers. */
  readonly others: readonly Exclude<Role, 'worker'>[];
  readonly workers: number;
  /** Attempts allowed. */
  readonly limit: number;
  /** Things that may go wrong on one path. */
  readonly faults: number;
  /**
   * `accepted`: its message is ready. `unsent`: accept died between blob and message. A caller waits for it, and the first of the
   * workers, which accepted it, `enters the fast path`, about to put its message, hidden, or is `on the fast path`, having put it.
   */
  readonly begins: 'accepted' | 'unsent' | 'enters the fast path' | 'on the fast path';
}

export interface Violation {
  readonly what: string;
  /** What happened, step by step. */
  readonly trace: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly violation: Violation | undefined;
}

function first({ others, workers, limit, faults, begins }: Scope): State {
  const actors = [...Array.from({ length: workers }, () => 'worker' as const), ...others].map(
    (role): Actor => idle(role),
  );
  const isPut = begins === 'accepted' || begins === 'on the fast path';
  const isFast = begins === 'enters the fast path' || begins === 'on the fast path';
  if (isFast) {
    const at = isPut ? 'work' : 'enqueue';
    Object.assign(actors[0] as Actor, { at, isFresh: true, attempt: 1, messageAttempt: 1 });
  }
  return {
    blob: {
      state: 'Pending',
      attempt: 1,
      limit,
      waiting: false,
      putOff: false,
      recovered: 0,
      lost: false,
      token: 'nobody',
      lease: 'none',
      leaseOwner: 'nobody',
      content: 'request',
      staged: undefined,
    },
    messages: isPut ? [{ attempt: 1, delivered: 0, is: isFast ? 'held' : 'ready' }] : [],
    poison: [],
    actors,
    late: undefined,
    faults,
    toldCanceled: false,
    toldDeleted: false,
  };
}

export function explore(scope: Scope, without?: Rule): Exploration {
  const start = first(scope);
  const numbers = new Map<string, number>([[keyOf(start), 0]]);
  const parents: number[] = [-1];
  const actions: string[] = [''];
  const ended: number[] = [];
  const edges: [from: number[], to: number[]] = [[], []];
  // A fault may leave a message behind whose job gets another one, and a paused worker adds its own.
  const mostMessages = 1 + 2 * scope.faults + (scope.others.includes('operator') ? 1 : 0);
  let frontier: [number, State][] = [[0, start]];

  const traceTo = (number: number, last?: string): string[] => {
    const trace = last === undefined ? [] : [last];
    for (let at = number; at > 0; at = parents[at] as number) trace.unshift(actions[at] as string);
    return trace;
  };

  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const [number, state] of frontier) {
      if (state.blob?.state !== 'Pending') ended.push(number);
      for (const { does, state: after, isGood } of transitionsFrom(state, without)) {
        const what = brokenBy(state, after, mostMessages);
        if (what !== undefined)
          return { states: numbers.size, violation: { what, trace: traceTo(number, does) } };
        const key = keyOf(after);
        let known = numbers.get(key);
        if (known === undefined) {
          known = numbers.size;
          numbers.set(key, known);
          parents.push(number);
          actions.push(does);
          next.push([known, after]);
        }
        if (isGood && known !== number) {
          edges[0].push(number);
          edges[1].push(known);
        }
      }
    }
    frontier = next;
  }
  const stuck = firstThatCannotEnd(numbers.size, ended, edges);
  if (stuck === undefined) return { states: numbers.size, violation: undefined };
  return { states: numbers.size, violation: { what: 'the job can no longer end', trace: traceTo(stuck) } };
}

/** The shortest way to break the protocol without a rule, in the first of the scopes where there is one. */
export function exploreWithout(rule: Rule, scopes: readonly Scope[]): Violation | undefined {
  for (const scope of scopes) {
    const { violation } = explore(scope, rule);
    if (violation) return violation;
  }
  return undefined;
}

/** The first state from which no good transitions lead to an end. */
function firstThatCannotEnd(
  count: number,
  ended: readonly number[],
  [from, to]: readonly [number[], number[]],
): number | undefined {
  const starts = new Int32Array(count + 1);
  for (const target of to) starts[target + 1] = (starts[target + 1] as number) + 1;
  for (let at = 0; at < count; at++) starts[at + 1] = (starts[at + 1] as number) + (starts[at] as number);
  const filled = starts.slice();
  const sources = new Int32Array(to.length);
  to.forEach((target, edge) => {
    const place = filled[target] as number;
    sources[place] = from[edge] as number;
    filled[target] = place + 1;
  });
  const canEnd = new Uint8Array(count);
  const waiting = [...ended];
  for (const number of waiting) canEnd[number] = 1;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (let place = starts[at] as number; place < (starts[at + 1] as number); place++) {
      const source = sources[place] as number;
      if (canEnd[source]) continue;
      canEnd[source] = 1;
      waiting.push(source);
    }
  }
  const stuck = canEnd.indexOf(0);
  return stuck < 0 ? undefined : stuck;
}

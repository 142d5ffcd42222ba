/** Everything that can happen next: a step of an actor, with or without a fault, or time that passes. */
import { stepsOf } from './others.ts';
import type { Rule } from './rules.ts';
import { type Call, copy, type State } from './state.ts';
import { leave, type Step } from './step.ts';
import { perform, performLate } from './storage.ts';
import { hideMessage, workerSteps } from './worker.ts';

export interface Transition {
  readonly does: string;
  readonly state: State;
  /** Nothing went wrong in it. */
  readonly isGood: boolean;
}

/** All transitions out of a state. `without` is the rule that is removed. */
export function transitionsFrom(state: State, without?: Rule): Transition[] {
  const transitions: Transition[] = [];
  for (let index = 0; index < state.actors.length; index++) stepsOfActor(state, index, without, transitions);
  timePasses(state, transitions);
  if (state.late) {
    const next = copy(state);
    performLate(next, without);
    transitions.push({ does: `late: ${nameOf(state.late)} arrives`, state: next, isGood: true });
  }
  return transitions;
}

function stepsOfActor(state: State, index: number, without: Rule | undefined, to: Transition[]): void {
  const me = state.actors[index];
  if (me === undefined || me.at === 'done') return;
  const who = me.role === 'worker' ? `worker ${index + 1}` : me.role;
  const context = { state, me, index, without };
  const steps = me.role === 'worker' ? workerSteps(context) : stepsOf[me.role](context);
  for (const step of steps) {
    const name = `${who} ${step.does}`;
    const done = taken(state, index, step, without, 'once');
    if (step.isFault) done.faults -= 1;
    to.push({ does: name, state: done, isGood: step.isFault !== true });
    if (state.faults === 0) continue;
    const fault = (how: string, next: State) => {
      next.faults -= 1;
      to.push({ does: `${name}; ${how}`, state: next, isGood: false });
    };
    const { call } = step;
    if (call === undefined) continue;
    fault('storage does not do it', taken(state, index, step, without, 'never'));
    if (me.role === 'worker' || me.role === 'poison handler' || me.at !== 'idle')
      fault('dies before', dead(state, index));
    if (call.kind === 'look') continue;
    const after = copy(state);
    perform(after, call, without);
    fault('dies after', dead(after, index));
    fault('the answer is lost', taken(state, index, step, without, 'unheard'));
    if (!['put-message', 'put-held-message', 'delete-message'].includes(call.kind)) {
      fault('it is sent twice', taken(state, index, step, without, 'twice'));
    }
    if (state.late === undefined && call.kind !== 'delete-message' && call.kind !== 'delete-poison') {
      const later = copy(state);
      later.late = { ...call };
      const actor = later.actors[index];
      if (actor) step.next(later, actor, 'down');
      fault('it arrives later', later);
    }
  }
}

function taken(
  state: State,
  index: number,
  step: Step,
  without: Rule | undefined,
  how: 'once' | 'twice' | 'never' | 'unheard',
): State {
  const next = copy(state);
  let heard: 'ok' | 'lost' | 'down' = how === 'never' ? 'down' : 'ok';
  if (step.call && how !== 'never') {
    heard = perform(next, step.call, without);
    if (how === 'twice') heard = perform(next, secondOf(step.call), without);
    if (how === 'unheard') heard = 'down';
  }
  const actor = next.actors[index];
  if (actor) step.next(next, actor, heard);
  return next;
}

/** The same request again: its ETag is the one of before. */
function secondOf(call: Call): Call {
  return call.kind === 'write' ? { ...call, isFresh: false } : call;
}

function dead(state: State, index: number): State {
  const next = copy(state);
  const actor = next.actors[index];
  if (actor?.role === 'worker') hideMessage(next, actor);
  const isOnce = actor?.role === 'canceler' || actor?.role === 'deleter' || actor?.role === 'operator';
  leave(next, index, isOnce ? 'done' : 'idle');
  return next;
}

function timePasses(state: State, to: Transition[]): void {
  const passes = (does: string, change: (next: State) => void, isGood = true) => {
    const next = copy(state);
    change(next);
    if (!isGood) next.faults -= 1;
    to.push({ does, state: next, isGood });
  };
  const { blob } = state;
  const seen = new Set<string>();
  state.messages.forEach(({ is, attempt, delivered }, index) => {
    const kind = `${is}${attempt}${delivered}`;
    if (seen.has(kind)) return;
    seen.add(kind);
    const turns = (into: 'ready' | 'hidden') => (next: State) => {
      const message = next.messages[index];
      if (message) message.is = into;
    };
    if (is === 'delayed' || is === 'hidden') passes(`a message of attempt ${attempt} is due`, turns('ready'));
    if (is === 'held' && state.faults > 0)
      passes('a worker pauses, its message comes again', turns('hidden'), false);
    if (is === 'hidden' && delivered > 1) {
      passes(`a message of attempt ${attempt} goes to poison`, (next) => {
        next.messages.splice(index, 1);
        next.poison.push(attempt);
      });
    }
  });
  if (blob?.putOff) {
    passes('notBefore passes', (next) => {
      if (next.blob) next.blob.putOff = false;
    });
  }
  if (blob?.lease === 'live') {
    const isAbandoned = typeof blob.leaseOwner !== 'number';
    if (isAbandoned || state.faults > 0) {
      const expire = (next: State) => {
        if (next.blob) next.blob.lease = 'expired';
      };
      passes(isAbandoned ? 'the lease expires' : 'its owner pauses, the lease expires', expire, isAbandoned);
    }
  }
}

function nameOf(call: Call): string {
  return call.kind === 'write' ? `write ${call.change.to}` : call.kind;
}

/** A step of an actor: a call to storage, or a choice of its own, and what it does next. */
import type { Rule } from './rules.ts';
import { type Actor, type Call, forget, idle, type State } from './state.ts';
import type { Answer } from './storage.ts';

/** What the caller hears: `down` where it does not learn whether the call was done. */
export type Heard = Answer | 'down';

export interface Step {
  /** What happens, for a trace. */
  readonly does: string;
  /** One of the things that may go wrong. */
  readonly isFault?: boolean;
  /** Absent where it concerns nobody but the actor. */
  readonly call?: Call;
  /** Goes on in the state that the call has left. */
  next(state: State, me: Actor, heard: Heard): void;
}

export interface StepContext {
  readonly state: State;
  readonly me: Actor;
  readonly index: number;
  readonly without: Rule | undefined;
}

/** The actor has done what it came for, or its process has died. */
export function leave(state: State, index: number, at = 'idle'): void {
  forget(state, index);
  const { role } = state.actors[index] as Actor;
  state.actors[index] = { ...idle(role), at };
}

/** A step whose failure to reach storage ends the actor. */
export function calling(
  index: number,
  does: string,
  call: Call,
  then: Partial<Record<Answer, (state: State, me: Actor) => void>>,
  isDown: (state: State, me: Actor) => void = (state) => leave(state, index, 'done'),
): Step {
  return {
    does,
    call,
    next(state, me, heard) {
      if (heard === 'down') isDown(state, me);
      else then[heard]?.(state, me);
    },
  };
}

/** A choice that calls nobody. */
export const choosing = (does: string, next: (state: State, me: Actor) => void): Step => ({ does, next });

/**
 * What the model knows at one moment: one job's blob, its messages, and everybody who acts on them. Times are only
 * before and after, ETags only the blob's or another, tokens only whose: nothing else of them decides anything.
 */
import type { JobState, LeaseState } from '../../src/jobs/job.ts';

/** Whose token: an actor by its index, one who has gone but whose last call is still under way, or nobody who is left. */
export type Owner = number | 'ghost' | 'nobody';

export interface Blob {
  state: JobState;
  attempt: number;
  limit: number;
  waiting: boolean;
  /** `notBefore` lies ahead. */
  putOff: boolean;
  recovered: number;
  /** Whether the attempt before was lost: how many more were makes no difference here. */
  lost: boolean;
  token: Owner;
  lease: LeaseState;
  leaseOwner: Owner;
  /** The request, a whole reply, or blocks of two attempts in one. */
  content: 'request' | 'reply' | 'torn';
  /** Who staged blocks last, where some are staged. */
  staged: Owner | undefined;
}

export interface Message {
  attempt: number;
  /** How often it has been delivered; more than 2 makes no difference. Not once where the fast path holds it. */
  delivered: number;
  /** `hidden`: whoever took or put it has died or failed, or is taken for dead. */
  is: 'ready' | 'delayed' | 'held' | 'hidden';
}

/** What a write makes of the job it saw. */
export type Change =
  | { to: 'mark' | 'failed' | 'again' | 'handed-back'; attempt: number }
  | { to: 'reply'; fromBlocks: boolean }
  | { to: 'progress' | 'exhausted' | 'next-attempt' | 'recovered' | 'canceled' | 'reopened' }
  /** Rule 1 removed: the reply by one write, its state by another. */
  | { to: 'reply-alone' | 'state-alone' };

/** One call to storage, with its conditions. `isFresh`: the caller's ETag is the blob's. */
export type Call =
  | { kind: 'look' }
  | { kind: 'acquire'; by: Owner; isFresh: boolean }
  | { kind: 'renew' | 'release' | 'stage'; by: Owner }
  | { kind: 'write'; by: Owner; isFresh: boolean; withLease: boolean; change: Change }
  | { kind: 'break' | 'delete' }
  | { kind: 'put-message'; attempt: number; isDelayed: boolean }
  /** Put Message, hidden, by the fast path, which has its receipt. */
  | { kind: 'put-held-message' }
  | { kind: 'delete-message'; attempt: number; delivered: number }
  | { kind: 'delete-poison'; attempt: number };

export type Role = 'worker' | 'poison handler' | 'canceler' | 'deleter' | 'operator' | 'poller';

/** Whoever acts. One that dies starts anew as somebody else at the same place. */
export interface Actor {
  role: Role;
  /** Its next step. */
  at: string;
  isFresh: boolean;
  hasClaimed: boolean;
  hasStaged: boolean;
  /** The attempt it runs. */
  attempt: number;
  /** The attempt the blob said when it looked. */
  seen: number;
  /** Whether the message it is to put comes later. */
  isDelayed: boolean;
  /** The lease was broken when it looked again. */
  sawBroken: boolean;
  /** Attempt and deliveries of the message it holds. */
  messageAttempt: number;
  delivered: number;
}

export interface State {
  blob: Blob | undefined;
  messages: Message[];
  /** Attempts of the messages in the poison queue. */
  poison: number[];
  actors: Actor[];
  /** A call whose sender has given it up, and which arrives later. */
  late: Call | undefined;
  /** Faults that may still happen. */
  faults: number;
  /** What clients have been told, and must stay true. */
  toldCanceled: boolean;
  toldDeleted: boolean;
}

export function idle(role: Role): Actor {
  return {
    role,
    at: 'idle',
    isFresh: false,
    hasClaimed: false,
    hasStaged: false,
    attempt: 0,
    seen: 0,
    isDelayed: false,
    sawBroken: false,
    messageAttempt: 0,
    delivered: 0,
  };
}

export function copy(state: State): State {
  return {
    ...state,
    blob: state.blob && { ...state.blob },
    messages: state.messages.map((message) => ({ ...message })),
    poison: [...state.poison],
    actors: state.actors.map((actor) => ({ ...actor })),
    late: state.late && { ...state.late },
  };
}

/** Nobody's ETag is the blob's any more. */
export function outdate({ actors, late }: State): void {
  for (const actor of actors) actor.isFresh = false;
  if (late && 'isFresh' in late) late.isFresh = false;
}

/** An actor is no longer who it was: what bears its token is nobody's, or its ghost's while a call of its is under way. */
export function forget(state: State, index: number): void {
  const { late } = state;
  rename(state, index, late && 'by' in late && late.by === index ? 'ghost' : 'nobody');
}

/** The late call has arrived or never will. */
export function layGhost(state: State): void {
  state.late = undefined;
  rename(state, 'ghost', 'nobody');
}

function rename({ blob, late }: State, from: Owner, to: Owner): void {
  if (blob?.token === from) blob.token = to;
  if (blob?.leaseOwner === from) blob.leaseOwner = to;
  if (blob?.staged === from) blob.staged = to;
  if (late && 'by' in late && late.by === from) late.by = to;
}

/** What of a job its client can see. */
export function keyOfBlob({ state, content, attempt }: Blob): string {
  return `${state}${content}${attempt}`;
}

const bit = (is: boolean) => (is ? '1' : '0');

/** Two states of one key are the same; the order of messages makes no difference. */
export function keyOf({
  blob,
  messages,
  poison,
  actors,
  late,
  faults,
  toldCanceled,
  toldDeleted,
}: State): string {
  let key = `${faults}${bit(toldCanceled)}${bit(toldDeleted)}`;
  if (blob) {
    key += `${blob.state[0]}${blob.attempt}${blob.limit}${bit(blob.waiting)}${bit(blob.putOff)}${bit(blob.lost)}${blob.recovered}`;
    key += `${blob.token},${blob.lease[0]}${blob.leaseOwner},${blob.content[2]}${blob.staged ?? ''}`;
  }
  key += `|${messages
    .map(({ is, attempt, delivered }) => `${is === 'held' ? 'H' : is[0]}${attempt}${delivered}`)
    .sort()
    .join('')}`;
  key += `|${[...poison].sort().join('')}`;
  for (const actor of actors) {
    if (actor.at === 'idle') key += '|';
    else {
      const { at, isFresh, hasClaimed, hasStaged, attempt, seen, isDelayed, sawBroken } = actor;
      key += `|${at}${bit(isFresh)}${bit(hasClaimed)}${bit(hasStaged)}${attempt}${seen}${bit(isDelayed)}${bit(sawBroken)}${actor.messageAttempt}${actor.delivered}`;
    }
  }
  return late ? `${key}|${JSON.stringify(late)}` : key;
}

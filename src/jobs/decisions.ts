/**
 * The decision tables of docs/design.md, section 2, as data: the first row that fits decides. The app runs by them, a
 * test names each row, and nothing else in the app decides what a message or a lost condition means. What a poll, a wait
 * or the sweep does is in recovery-decision.ts.
 */
import { isFinished, isPutOff, type Job, LAYOUT } from './job.ts';

/** One row of a decision table. */
export interface Row<View, Does> {
  /** The row's name, as the design has it. */
  readonly finds: string;
  readonly fits: (view: View) => boolean;
  readonly does: Does;
}

/** The row that decides. Throws where none fits: the last row of a table must fit everything. */
export function firstFit<View, Does>(table: readonly Row<View, Does>[], view: View): Row<View, Does> {
  const row = table.find(({ fits }) => fits(view));
  if (row === undefined)
    throw new Error('decision table has no row for this view; its last row must fit everything');
  return row;
}

/** What a delivery sees: the job, as taken, and the message that brought it. */
export interface DeliveryView {
  readonly job: Job | undefined;
  /** The attempt the message names. */
  readonly messageAttempt: number;
  /** How often the message has been delivered, this time included. */
  readonly dequeueCount: number;
}

/** What a delivery does. `run` names the attempt as an increment to the blob's own. */
export type DeliveryAction =
  | { readonly act: 'return' }
  | { readonly act: 'put-message'; readonly after: 'lease' | 'not-before' | 'rollout' }
  | { readonly act: 'cancel' }
  | { readonly act: 'ask-engine' }
  | { readonly act: 'run'; readonly increment: 0 | 1; readonly claims: 'at-once' | 'later' }
  | { readonly act: 'put-off'; readonly increment: 1 }
  | { readonly act: 'fail' };

const gone = ({ job }: DeliveryView) => job === undefined;
const finished = ({ job }: DeliveryView) => job !== undefined && isFinished(job);
const newer = ({ job }: DeliveryView) => job !== undefined && job.layout > LAYOUT;
const leased = ({ job }: DeliveryView) => job?.lease === 'live';
const broken = ({ job }: DeliveryView) => job?.lease === 'broken';
const handed = ({ job }: DeliveryView) => job?.handedAt !== undefined;
const putOff = ({ job }: DeliveryView) => job !== undefined && isPutOff(job);
const expiredUnseen = ({ job }: DeliveryView) => job?.lease === 'expired' && !job.waiting;
const sameAttempt = ({ job, messageAttempt }: DeliveryView) => job?.attempt === messageAttempt;
const lostBefore = ({ job }: DeliveryView) => (job?.lost ?? 0) > 0;
const redelivered = ({ dequeueCount }: DeliveryView) => dequeueCount > 1;

/** What a delivery does with what it finds. */
export const deliveryTable: readonly Row<DeliveryView, DeliveryAction>[] = [
  { finds: 'no blob', fits: gone, does: { act: 'return' } },
  { finds: 'written by a newer version', fits: newer, does: { act: 'put-message', after: 'rollout' } },
  { finds: 'finished', fits: finished, does: { act: 'return' } },
  { finds: 'leased by a live attempt', fits: leased, does: { act: 'put-message', after: 'lease' } },
  { finds: 'lease broken', fits: broken, does: { act: 'cancel' } },
  { finds: 'handed to the workflow engine', fits: handed, does: { act: 'ask-engine' } },
  { finds: 'notBefore ahead', fits: putOff, does: { act: 'put-message', after: 'not-before' } },
  {
    finds: 'lease expired, not waiting, and the attempt before was lost too',
    fits: (view) => expiredUnseen(view) && lostBefore(view),
    does: { act: 'put-off', increment: 1 },
  },
  {
    finds: 'lease expired, not waiting',
    fits: expiredUnseen,
    does: { act: 'run', increment: 1, claims: 'at-once' },
  },
  {
    finds: 'd > 1 and a = n, and the attempt before was lost too',
    fits: (view) => redelivered(view) && sameAttempt(view) && lostBefore(view),
    does: { act: 'put-off', increment: 1 },
  },
  {
    finds: 'd > 1 and a = n',
    fits: (view) => redelivered(view) && sameAttempt(view),
    does: { act: 'run', increment: 1, claims: 'at-once' },
  },
  {
    finds: 'd > 1 or n > 1',
    fits: (view) => redelivered(view) || (view.job?.attempt ?? 0) > 1,
    does: { act: 'run', increment: 0, claims: 'at-once' },
  },
  { finds: 'n = 1, d = 1', fits: () => true, does: { act: 'run', increment: 0, claims: 'later' } },
];

/** Decides a delivery; an attempt beyond the job's limit becomes `fail`. */
export function decideDelivery(view: DeliveryView): DeliveryAction {
  const { does } = firstFit(deliveryTable, view);
  return does.act === 'run' || does.act === 'put-off' ? withinLimit(view, does) : does;
}

/** What the poison handler does. */
export type PoisonAction =
  | { readonly act: 'return' }
  | { readonly act: 'cancel' }
  | { readonly act: 'put-message'; readonly after: 'lease' | 'not-before' | 'rollout' | 'nothing' }
  | { readonly act: 'next-attempt'; readonly increment: 1 }
  | { readonly act: 'fail' };

/** What the poison handler does with what it finds. It decides by the blob; the message is only a wake-up. */
export const poisonTable: readonly Row<DeliveryView, PoisonAction>[] = [
  { finds: 'no blob', fits: gone, does: { act: 'return' } },
  { finds: 'written by a newer version', fits: newer, does: { act: 'put-message', after: 'rollout' } },
  { finds: 'finished', fits: finished, does: { act: 'return' } },
  { finds: 'leased by a live attempt', fits: leased, does: { act: 'put-message', after: 'lease' } },
  { finds: 'lease broken', fits: broken, does: { act: 'cancel' } },
  { finds: 'handed to the workflow engine', fits: handed, does: { act: 'put-message', after: 'lease' } },
  { finds: 'notBefore ahead', fits: putOff, does: { act: 'put-message', after: 'not-before' } },
  { finds: 'lease expired, not waiting', fits: expiredUnseen, does: { act: 'next-attempt', increment: 1 } },
  { finds: 'a = n', fits: sameAttempt, does: { act: 'next-attempt', increment: 1 } },
  { finds: 'anything else', fits: () => true, does: { act: 'put-message', after: 'nothing' } },
];

/** Decides a poison message; a next attempt beyond the job's limit becomes `fail`. */
export function decidePoison(view: DeliveryView): PoisonAction {
  const { does } = firstFit(poisonTable, view);
  return does.act === 'next-attempt' ? withinLimit(view, does) : does;
}

/** Rule 5: an attempt beyond the job's limit is never begun. */
export function withinLimit<Does extends { increment: number }>(
  { job }: { readonly job: Job | undefined },
  does: Does,
): Does | { act: 'fail' } {
  return job !== undefined && job.attempt + does.increment > job.limit ? { act: 'fail' } : does;
}

/** What an attempt sees that has lost a condition: the blob as it is now, and what the attempt knows of itself. */
export interface LostConditionView {
  readonly job: Job | undefined;
  /** The attempt that runs. */
  readonly attempt: number;
  /** Its token. */
  readonly token: string;
  readonly claimed: boolean;
}

/**
 * What it does: `adopt` takes the new ETag over and repeats the write, `renew` does so if Renew Lease is granted; `done` goes on
 * as if the write had been answered.
 */
export type LostConditionAction = 'return' | 'done' | 'renew' | 'adopt' | 'cancel' | 'put-successor';

const mine = ({ job, token }: LostConditionView) => job?.token === token;

const sameUnclaimed = ({ job, claimed, attempt }: LostConditionView) =>
  !claimed && job?.attempt === attempt && job.lease !== 'live' && job.lease !== 'broken';

/** Rule 3: what an attempt does that has lost a condition. */
export const lostConditionTable: readonly Row<LostConditionView, LostConditionAction>[] = [
  { finds: 'gone', fits: ({ job }) => job === undefined, does: 'return' },
  {
    // Not `Canceled`: whoever writes that leaves the token as it is.
    finds: 'finished by my token',
    fits: (view) => mine(view) && (view.job?.state === 'Succeeded' || view.job?.state === 'Failed'),
    does: 'done',
  },
  { finds: 'finished', fits: ({ job }) => job !== undefined && isFinished(job), does: 'return' },
  {
    finds: 'my own try-again',
    fits: (view) => mine(view) && view.job?.waiting === true,
    does: 'done',
  },
  {
    finds: 'claimed, same attempt',
    fits: ({ job, claimed, attempt }) => claimed && job?.attempt === attempt,
    does: 'renew',
  },
  {
    finds: 'not claimed, same attempt, waiting, lease neither live nor broken',
    fits: (view) => sameUnclaimed(view) && view.job?.waiting === true,
    does: 'adopt',
  },
  {
    finds: 'not claimed, same attempt, handed to the workflow engine, lease neither live nor broken',
    fits: (view) => sameUnclaimed(view) && view.job?.handedAt !== undefined,
    does: 'adopt',
  },
  { finds: 'lost, lease broken', fits: ({ job }) => job?.lease === 'broken', does: 'cancel' },
  { finds: 'lost', fits: () => true, does: 'put-successor' },
];

/** Decides a lost condition. */
export function decideLostCondition(view: LostConditionView): LostConditionAction {
  return firstFit(lostConditionTable, view).does;
}

/** What must hold in every state and at every transition, whatever goes wrong. */
import { keyOfBlob, type State } from './state.ts';

/** What is broken, or undefined. `mostMessages`: those that nobody holds. */
export function brokenBy(before: State, after: State, mostMessages: number): string | undefined {
  const was = before.blob;
  const is = after.blob;
  if (is) {
    if ((is.content !== 'request') !== (is.state === 'Succeeded')) return 'reply and state do not agree';
    if (is.content === 'torn') return 'the reply is torn';
    if (is.attempt > is.limit + 1) return 'the attempts have no bound';
  }
  if (was && is && was.state !== 'Pending' && keyOfBlob(was) !== keyOfBlob(is)) {
    const isReopened = was.state === 'Failed' && is.state === 'Pending';
    if (!isReopened) return 'a job has changed after its end';
  }
  if (after.toldCanceled && is && is.state !== 'Canceled') return 'a canceled job is not canceled';
  if (after.toldDeleted && is) return 'a deleted job is back';
  // One that is held goes when its delivery returns, and its successor is there before that.
  const handled = after.actors.filter(({ role, at }) => role === 'poison handler' && at !== 'idle').length;
  const waiting = after.messages.filter(({ is }) => is !== 'held').length + after.poison.length - handled;
  if (waiting > mostMessages) return 'the messages have no bound';
  for (let index = 0; index < after.actors.length; index++) {
    const actor = after.actors[index];
    const begins = before.actors[index]?.at === 'take' && (actor?.at === 'work' || actor?.at === 'claim');
    if (!begins || !was) continue;
    if (was.putOff) return 'an attempt begins before its time';
    if (was.lease === 'broken') return 'an attempt begins although a cancel was requested';
    if (was.lease === 'expired' && !was.waiting && actor.attempt === was.attempt) {
      return 'an attempt whose worker has died begins again under its number';
    }
  }
  return undefined;
}

/** Storage as the model has it: what each call does to the blob and the queues, and when it is refused. */
import type { Rule } from './rules.ts';
import { type Blob, type Call, type Change, layGhost, type Owner, outdate, type State } from './state.ts';

/** `lost` stands for 404, 409, 412 and an invalid block list. */
export type Answer = 'ok' | 'lost';

/** Does the call on the state. The caller's ETag is fresh again where the answer reaches it, which the caller sees to. */
export function perform(state: State, call: Call, without: Rule | undefined): Answer {
  const { blob } = state;
  switch (call.kind) {
    case 'look':
      return blob ? 'ok' : 'lost';
    case 'put-message':
      state.messages.push({ attempt: call.attempt, delivered: 0, is: call.isDelayed ? 'delayed' : 'ready' });
      return 'ok';
    case 'put-held-message':
      state.messages.push({ attempt: 1, delivered: 0, is: 'held' });
      return 'ok';
    case 'delete-message':
      return remove(state.messages, ({ is, attempt, delivered }) => {
        return is === 'held' && attempt === call.attempt && delivered === call.delivered;
      });
    case 'delete-poison':
      return remove(state.poison, (attempt) => attempt === call.attempt);
    default:
      return blob ? performOnBlob(state, blob, call, without) : 'lost';
  }
}

type OtherCall = 'look' | 'put-message' | 'put-held-message' | 'delete-message' | 'delete-poison';
type BlobCall = Exclude<Call, { kind: OtherCall }>;

function performOnBlob(state: State, blob: Blob, call: BlobCall, without: Rule | undefined): Answer {
  switch (call.kind) {
    case 'acquire':
      if (blob.lease === 'live' || (!call.isFresh && without !== 'rule 2')) return 'lost';
      blob.lease = 'live';
      blob.leaseOwner = call.by;
      return 'ok';
    case 'renew':
      // An expired lease that nobody touched revives.
      if (!isLeasedBy(blob, call.by) || (blob.lease !== 'live' && blob.lease !== 'expired')) return 'lost';
      blob.lease = 'live';
      return 'ok';
    case 'release':
      if (isLeasedBy(blob, call.by) && (blob.lease === 'live' || blob.lease === 'expired')) endLease(blob);
      return 'ok';
    case 'break':
      if (blob.lease === 'live') {
        blob.lease = 'broken';
        blob.leaseOwner = 'nobody';
      }
      return 'ok';
    case 'stage':
      if (without !== 'rule 8' && !isLiveFor(blob, call.by)) return 'lost';
      blob.staged = call.by;
      return 'ok';
    case 'write':
      return write(state, blob, call, without);
    case 'delete':
      if (blob.lease === 'live') return 'lost';
      state.blob = undefined;
      outdate(state);
      return 'ok';
  }
}

function write(state: State, blob: Blob, call: Call & { kind: 'write' }, without: Rule | undefined): Answer {
  const { by, change } = call;
  const ignoresEtag = without === 'rule 2' && call.withLease;
  if (!call.isFresh && !ignoresEtag) return 'lost';
  if (call.withLease ? !isLiveFor(blob, by) : blob.lease === 'live') return 'lost';
  if (
    change.to === 'reply' &&
    change.fromBlocks &&
    (blob.staged === undefined || (without !== 'rule 8' && blob.staged !== by))
  ) {
    return 'lost';
  }
  apply(blob, by, change);
  // A write without a lease to a blob whose lease has ended leaves it as if there had been none.
  if (blob.lease !== 'live') endLease(blob);
  outdate(state);
  return 'ok';
}

function apply(blob: Blob, by: Owner, change: Change): void {
  const settle = (state: Blob['state']) =>
    Object.assign(blob, { state, waiting: false, putOff: false, token: by });
  switch (change.to) {
    case 'mark':
      Object.assign(blob, {
        state: 'Pending',
        attempt: change.attempt,
        lost: blob.lost || change.attempt > blob.attempt,
        waiting: false,
        putOff: false,
        token: by,
      });
      return;
    case 'progress':
      // Metadata is replaced as a whole: without If-Match it brings back the state that its writer saw.
      blob.state = 'Pending';
      return;
    case 'reply':
      blob.content = change.fromBlocks && blob.staged !== by ? 'torn' : 'reply';
      blob.staged = undefined;
      settle('Succeeded');
      return;
    case 'reply-alone':
      blob.content = 'reply';
      return;
    case 'state-alone':
      settle('Succeeded');
      return;
    case 'failed':
      settle('Failed');
      blob.attempt = change.attempt;
      return;
    case 'exhausted':
      settle('Failed');
      return;
    case 'again':
      settle('Pending');
      Object.assign(blob, { attempt: change.attempt, waiting: true, putOff: true, lost: false });
      return;
    case 'handed-back':
      settle('Pending');
      Object.assign(blob, { attempt: change.attempt, limit: blob.limit + 1, waiting: true, lost: false });
      return;
    case 'next-attempt': {
      const wasLost = blob.lost;
      settle('Pending');
      Object.assign(blob, { attempt: blob.attempt + 1, waiting: true, putOff: wasLost, lost: true });
      return;
    }
    case 'recovered':
      Object.assign(blob, { recovered: blob.recovered + 1, token: by });
      return;
    case 'canceled':
      settle('Canceled');
      return;
    case 'reopened':
      settle('Pending');
      Object.assign(blob, { attempt: blob.attempt + 1, limit: blob.limit + 1, waiting: true, recovered: 0 });
      return;
    default:
      change satisfies never;
  }
}

/** A call that was given up arrives after all. */
export function performLate(state: State, without: Rule | undefined): void {
  if (state.late) perform(state, state.late, without);
  if (state.late?.kind === 'put-held-message') {
    // Nobody has its receipt.
    const put = state.messages.at(-1);
    if (put) put.is = 'hidden';
  }
  layGhost(state);
}

function endLease(blob: Blob): void {
  blob.lease = 'none';
  blob.leaseOwner = 'nobody';
}

const isLeasedBy = (blob: Blob, by: Owner) => by !== 'nobody' && blob.leaseOwner === by;
const isLiveFor = (blob: Blob, by: Owner) => blob.lease === 'live' && isLeasedBy(blob, by);

function remove<T>(list: T[], fits: (item: T) => boolean): Answer {
  const index = list.findIndex(fits);
  if (index < 0) return 'lost';
  list.splice(index, 1);
  return 'ok';
}

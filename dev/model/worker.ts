/**
 * A worker with one delivery: src/jobs/deliver-job.ts, run-attempt.ts and ownership.ts, call by call; or with a job that it
 * accepted itself: fast-path.ts.
 *
 *   enqueue ────────────────────────▶ work
 *      └─no answer─▶ withdraw ─▶ idle
 *   idle ─▶ take ─▶ claim ─▶ mark ─▶ work ─▶ publish | fail | again ─▶ (release, put) ─▶ delete-message ─▶ idle
 *                                     any lost condition ─▶ look ─▶ what rule 3 says
 */
import { decideDelivery, decideLostCondition } from '../../src/jobs/decisions.ts';
import type { Actor, Blob, Change, State } from './state.ts';
import { calling, choosing, leave, type Step, type StepContext } from './step.ts';
import { viewOf } from './view.ts';

export function workerSteps({ state, me, index, without }: StepContext): Step[] {
  const { blob } = state;
  const [at, retrying = ''] = me.at.split(':') as [string, string?];
  const throws = (now: State, worker: Actor) => {
    hideMessage(now, worker);
    leave(now, index);
  };
  const to = (next: string) => (_: State, worker: Actor) => {
    worker.at = next;
  };
  const lost = to(without === 'rule 3' ? 'delete-message' : `look:${at}`);
  const write = (does: string, change: Change, next: (state: State, worker: Actor) => void, refused = lost) =>
    calling(
      index,
      does,
      { kind: 'write', by: index, isFresh: me.isFresh, withLease: me.hasClaimed, change },
      {
        ok(now, worker) {
          worker.isFresh = true;
          next(now, worker);
        },
        lost: refused,
      },
      throws,
    );
  const put = (attempt: number, isDelayed: boolean) =>
    calling(
      index,
      'puts a message',
      { kind: 'put-message', attempt, isDelayed },
      { ok: to('delete-message') },
      throws,
    );

  switch (at) {
    case 'idle':
      return state.messages.flatMap((message, position) =>
        message.is === 'ready'
          ? choosing(`takes a message of attempt ${message.attempt}`, (now, worker) => {
              const taken = now.messages[position];
              if (!taken) return;
              taken.is = 'held';
              taken.delivered = Math.min(2, taken.delivered + 1);
              Object.assign(worker, {
                at: 'take',
                messageAttempt: taken.attempt,
                delivered: taken.delivered,
              });
            })
          : [],
      );
    case 'enqueue':
      return [
        calling(
          index,
          'puts the message of the job that it accepted, hidden',
          { kind: 'put-held-message' },
          { ok: to('work') },
          (now, worker) => {
            hideMessage(now, worker);
            worker.at = 'withdraw';
          },
        ),
      ];
    case 'withdraw': {
      const gone = (now: State) => {
        now.toldDeleted = true;
        leave(now, index);
      };
      return [
        choosing('leaves the job to a repeated start, since it has a key', (now) => leave(now, index)),
        calling(
          index,
          'removes the job, whose start is refused',
          { kind: 'delete' },
          { ok: gone, lost: (now, worker) => (now.blob ? to('withdraw-break')(now, worker) : gone(now)) },
          throws,
        ),
      ];
    }
    case 'withdraw-break':
      return [
        calling(
          index,
          'breaks the lease',
          { kind: 'break' },
          { ok: to('withdraw'), lost: to('withdraw') },
          throws,
        ),
      ];
    case 'take':
      return [
        calling(
          index,
          'takes the job',
          { kind: 'look' },
          { ok: (now, worker) => decide(now, worker), lost: to('delete-message') },
          throws,
        ),
      ];
    case 'claim':
      return [
        calling(
          index,
          `claims for attempt ${me.attempt}`,
          { kind: 'acquire', by: index, isFresh: me.isFresh },
          {
            ok(now, worker) {
              worker.hasClaimed = true;
              const job = now.blob as Blob;
              worker.at = job.attempt === worker.attempt && !job.waiting ? 'work' : 'mark';
            },
            lost,
          },
          throws,
        ),
      ];
    case 'mark':
      return [write(`marks attempt ${me.attempt}`, { to: 'mark', attempt: me.attempt }, to('work'))];
    case 'work':
      return work();
    case 'publish':
      if (without === 'rule 1')
        return [write('publishes the reply', { to: 'reply-alone' }, to('publish-state'))];
      return [write('publishes', { to: 'reply', fromBlocks: me.hasStaged }, to('delete-message'))];
    case 'publish-state':
      return [write('publishes the state', { to: 'state-alone' }, to('delete-message'))];
    case 'fail':
      return [
        write(
          'fails the job',
          { to: 'failed', attempt: me.attempt },
          to(me.hasClaimed ? 'release' : 'delete-message'),
        ),
      ];
    case 'again':
      return [
        write(`puts attempt ${me.attempt + 1} off`, { to: 'again', attempt: me.attempt + 1 }, (_, worker) => {
          Object.assign(worker, {
            at: worker.hasClaimed ? 'release-and-put' : 'put',
            seen: worker.attempt + 1,
            isDelayed: true,
          });
        }),
      ];
    case 'hand-back':
      return [
        write('hands the job back', { to: 'handed-back', attempt: me.attempt + 1 }, (_, worker) => {
          const seen = worker.attempt + 1;
          Object.assign(worker, {
            at: worker.hasClaimed ? 'release-and-put' : 'put',
            seen,
            isDelayed: false,
          });
        }),
      ];
    case 'put-off':
      return [
        write(
          'puts the attempt after a lost one off',
          { to: 'next-attempt' },
          (_, worker) => Object.assign(worker, { at: 'put', seen: worker.seen + 1 }),
          to('take'),
        ),
      ];
    case 'release':
    case 'release-and-put': {
      const then = at === 'release' ? 'delete-message' : 'put';
      return [
        calling(index, 'releases', { kind: 'release', by: index }, { ok: to(then), lost: to(then) }, throws),
      ];
    }
    case 'put':
      return [put(me.seen, me.isDelayed)];
    case 'look':
      return [
        calling(
          index,
          'looks again',
          { kind: 'look' },
          { ok: (now, worker) => reconsider(now, worker, retrying), lost: to('delete-message') },
          throws,
        ),
      ];
    case 'renew':
      return [
        calling(
          index,
          'renews',
          { kind: 'renew', by: index },
          { ok: to(retrying), lost: to(me.sawBroken ? 'cancel' : 'put') },
          throws,
        ),
      ];
    case 'exhaust':
      return [
        write('fails the job, its attempts are over', { to: 'exhausted' }, to('delete-message'), to('take')),
      ];
    case 'cancel-taken':
      return [write('writes Canceled', { to: 'canceled' }, to('delete-message'), to('take'))];
    case 'cancel':
      return [
        {
          ...write('writes Canceled', { to: 'canceled' }, to('delete-message'), to('cancel-look')),
          call: {
            kind: 'write',
            by: index,
            isFresh: me.isFresh,
            withLease: false,
            change: { to: 'canceled' },
          },
        },
      ];
    case 'cancel-look':
      return [
        calling(
          index,
          'looks again',
          { kind: 'look' },
          {
            ok(now, worker) {
              const job = now.blob as Blob;
              worker.isFresh = true;
              if (job.state !== 'Pending') worker.at = 'delete-message';
              else if (job.lease === 'broken') worker.at = 'cancel';
              else
                Object.assign(worker, {
                  at: 'put',
                  seen: job.attempt,
                  isDelayed: job.lease === 'live' || job.putOff,
                });
            },
            lost: to('delete-message'),
          },
          throws,
        ),
      ];
    case 'delete-message': {
      const { messageAttempt, delivered } = me;
      const returned = (now: State) => leave(now, index);
      return [
        calling(
          index,
          'returns',
          { kind: 'delete-message', attempt: messageAttempt, delivered },
          { ok: returned, lost: returned },
          throws,
        ),
      ];
    }
    default:
      throw new Error(`a worker is never at '${at}'`);
  }

  function decide(now: State, worker: Actor): void {
    const job = now.blob as Blob;
    worker.isFresh = true;
    worker.seen = job.attempt;
    const action = decideDelivery({
      job: viewOf(job, without),
      messageAttempt: worker.messageAttempt,
      dequeueCount: worker.delivered,
    });
    switch (action.act) {
      case 'return':
        worker.at = 'delete-message';
        return;
      case 'put-message':
        worker.isDelayed = true;
        worker.at = without === 'rule 4' && action.after === 'lease' ? 'delete-message' : 'put';
        return;
      case 'cancel':
        worker.at = 'cancel-taken';
        return;
      case 'fail':
        worker.at = 'exhaust';
        return;
      case 'put-off':
        Object.assign(worker, { at: 'put-off', isDelayed: job.lost });
        return;
      case 'run':
        worker.attempt = job.attempt + action.increment;
        worker.at = action.claims === 'at-once' ? 'claim' : 'work';
        return;
      case 'ask-engine':
        throw new Error('no job of this model is handed to a workflow engine');
      default:
        action satisfies never;
    }
  }

  function reconsider(now: State, worker: Actor, retry: string): void {
    const job = now.blob as Blob;
    worker.isFresh = true;
    Object.assign(worker, { seen: job.attempt, isDelayed: job.lease === 'live' || job.putOff });
    const action = decideLostCondition({
      job: viewOf(job, without),
      attempt: worker.attempt,
      token: String(index),
      claimed: worker.hasClaimed,
    });
    switch (action) {
      case 'return':
        worker.at = 'delete-message';
        return;
      case 'done':
        // As after the answer: a published job keeps its lease.
        if (job.state === 'Pending')
          Object.assign(worker, { at: worker.hasClaimed ? 'release-and-put' : 'put', isDelayed: job.putOff });
        else worker.at = worker.hasClaimed && job.state === 'Failed' ? 'release' : 'delete-message';
        return;
      case 'renew':
        // Refused, it writes what a broken lease asks for.
        worker.sawBroken = job.lease === 'broken' && without !== 'rule 6';
        worker.at = `renew:${retry}`;
        return;
      case 'adopt':
        worker.at = retry;
        return;
      case 'cancel':
        worker.at = 'cancel';
        return;
      case 'put-successor':
        worker.at = 'put';
        return;
      default:
        action satisfies never;
    }
  }

  function work(): Step[] {
    const steps = [
      choosing('ends its work', to('publish')),
      ...(state.faults > 0 ? [{ ...choosing('is shut down', to('hand-back')), isFault: true }] : []),
      choosing('meets an error that no retry can mend', to('fail')),
      choosing('meets an error', to(me.attempt < (blob?.limit ?? 0) ? 'again' : 'fail')),
    ];
    const claimLater = choosing('has worked for a while', to('claim'));
    if (!me.hasClaimed && without !== 'rule 8') return [...steps, claimLater];
    const heartbeat = calling(
      index,
      'renews its lease',
      { kind: 'renew', by: index },
      { ok: to('work'), lost },
      to('work'),
    );
    const stage = calling(
      index,
      'stages blocks',
      { kind: 'stage', by: index },
      {
        ok(_, worker) {
          Object.assign(worker, { hasStaged: true, at: 'publish' });
        },
        lost,
      },
      throws,
    );
    if (!me.hasClaimed) return [...steps, claimLater, stage];
    const isMine = blob?.lease === 'live' && blob.leaseOwner === index;
    return [
      ...steps,
      write('writes progress', { to: 'progress' }, to('work')),
      ...(isMine ? [] : [heartbeat]),
      stage,
    ];
  }
}

/** The message comes again by itself, or goes to poison. */
export function hideMessage({ messages }: State, { messageAttempt, delivered }: Actor): void {
  const held = messages.find(
    ({ is, ...message }) =>
      is === 'held' && message.attempt === messageAttempt && message.delivered === delivered,
  );
  if (held) held.is = 'hidden';
}

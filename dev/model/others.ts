/** Everybody but the workers: the poison handler, cancel, delete, an operator's retry, and whoever polls, call by call. */
import { decidePoison } from '../../src/jobs/decisions.ts';
import { decideRecovery } from '../../src/jobs/recovery-decision.ts';
import type { Actor, Blob, Change, Role, State } from './state.ts';
import { calling, leave, type Step, type StepContext } from './step.ts';
import { viewOf } from './view.ts';

type Next = (state: State, me: Actor) => void;

const to =
  (at: string): Next =>
  (_, me) => {
    me.at = at;
  };

/** The calls that these actors share, for one of them. `again` is where it looks anew. */
function callsOf({ me, index }: StepContext, again: string, isDown?: Next) {
  const done: Next = (state) => leave(state, index, 'done');
  return {
    done,
    look: (ok: (job: Blob, me: Actor, state: State) => void, gone: Next = done) =>
      calling(
        index,
        'looks',
        { kind: 'look' },
        {
          ok(state, actor) {
            actor.isFresh = true;
            ok(state.blob as Blob, actor, state);
          },
          lost: gone,
        },
        isDown,
      ),
    write: (does: string, change: Change, ok: Next) =>
      calling(
        index,
        does,
        { kind: 'write', by: index, isFresh: me.isFresh, withLease: false, change },
        { ok, lost: to(again) },
        isDown,
      ),
    put: (then: Next = done) =>
      calling(
        index,
        'puts a message',
        { kind: 'put-message', attempt: me.seen, isDelayed: me.isDelayed },
        { ok: then },
        isDown,
      ),
    breakLease: (then: string) =>
      calling(index, 'breaks the lease', { kind: 'break' }, { ok: to(then), lost: to(then) }, isDown),
  };
}

function poisonSteps(context: StepContext): Step[] {
  const { state, me, index, without } = context;
  const rest: Next = (now) => leave(now, index);
  const { look, write, put } = callsOf(context, 'look', rest);
  switch (me.at) {
    case 'idle':
      return [...new Set(state.poison)].map((attempt) => ({
        does: `takes a poison message of attempt ${attempt}`,
        next: (_, actor) => Object.assign(actor, { at: 'look', messageAttempt: attempt }),
      }));
    case 'look':
      return [
        look((job, actor) => {
          actor.seen = job.attempt;
          actor.isDelayed = job.lost;
          const action = decidePoison({
            job: viewOf(job, without),
            messageAttempt: actor.messageAttempt,
            dequeueCount: 1,
          });
          if (action.act === 'put-message') actor.isDelayed = action.after !== 'nothing';
          actor.at = {
            return: 'delete',
            cancel: 'cancel',
            'put-message': 'put',
            'next-attempt': 'next',
            fail: 'exhaust',
          }[action.act];
        }, to('delete')),
      ];
    case 'cancel':
      return [write('writes Canceled', { to: 'canceled' }, to('delete'))];
    case 'exhaust':
      return [write('fails the job, its attempts are over', { to: 'exhausted' }, to('delete'))];
    case 'next':
      return [
        write('writes the next attempt', { to: 'next-attempt' }, (_, actor) =>
          Object.assign(actor, { at: 'put', seen: actor.seen + 1 }),
        ),
      ];
    case 'put':
      return [put(to('delete'))];
    case 'delete':
      return [
        calling(
          index,
          'returns',
          { kind: 'delete-poison', attempt: me.messageAttempt },
          { ok: rest, lost: rest },
          rest,
        ),
      ];
    default:
      throw new Error(`the poison handler is never at '${me.at}'`);
  }
}

function cancelerSteps(context: StepContext): Step[] {
  const { done, look, write, breakLease } = callsOf(context, 'idle');
  const told: Next = (state, me) => {
    state.toldCanceled = true;
    done(state, me);
  };
  switch (context.me.at) {
    case 'idle':
      return [
        look((job, me, state) => {
          if (job.state === 'Canceled') told(state, me);
          else if (job.state !== 'Pending') done(state, me);
          else me.at = job.lease === 'live' ? 'break' : 'write';
        }),
      ];
    case 'break':
      return [breakLease('write')];
    case 'write':
      return [write('writes Canceled', { to: 'canceled' }, told)];
    default:
      return [];
  }
}

function deleterSteps(context: StepContext): Step[] {
  const { done, look, breakLease } = callsOf(context, 'idle');
  const told: Next = (state, me) => {
    state.toldDeleted = true;
    done(state, me);
  };
  switch (context.me.at) {
    case 'idle':
      return [look((_, me) => to('delete')(context.state, me))];
    case 'delete':
      return [
        calling(
          context.index,
          'deletes',
          { kind: 'delete' },
          {
            ok: told,
            lost: (state, me) => (state.blob ? to('break')(state, me) : told(state, me)),
          },
        ),
      ];
    case 'break':
      return [breakLease('delete')];
    default:
      return [];
  }
}

function operatorSteps(context: StepContext): Step[] {
  const { done, look, write, put } = callsOf(context, 'idle');
  switch (context.me.at) {
    case 'idle':
      return [
        look((job, me, state) => {
          me.seen = job.attempt;
          if (job.lease !== 'live' && job.state === 'Failed') me.at = 'reopen';
          else if (job.lease !== 'live' && job.state === 'Pending' && job.waiting) me.at = 'put';
          else done(state, me);
        }),
      ];
    case 'reopen':
      return [
        write('reopens the job', { to: 'reopened' }, (_, me) =>
          Object.assign(me, { at: 'put', seen: me.seen + 1 }),
        ),
      ];
    case 'put':
      return [put()];
    default:
      return [];
  }
}

function pollerSteps(context: StepContext): Step[] {
  const rest: Next = (now) => leave(now, context.index);
  const { look, write, put } = callsOf(context, 'idle', rest);
  switch (context.me.at) {
    case 'idle':
      return [
        look((job, me, state) => {
          me.seen = job.attempt;
          const view = viewOf(job, context.without);
          const isReady = state.messages.some(({ is }) => is === 'ready');
          const front = isReady ? { job: 'ref', putAt: view.updatedAt } : 'empty';
          const { act } = decideRecovery({ job: view, front });
          // A message that is only slow is taken for lost once in a while, which must do no harm; too often would be a storm.
          const isSlow = act === 'put-message' && state.messages.length + state.poison.length > 0;
          me.isDelayed = act === 'next-attempt' && job.lost;
          if (act === 'nothing' || act === 'peek' || (isSlow && state.faults === 0)) rest(state, me);
          else me.at = act;
          if (isSlow) state.faults = Math.max(0, state.faults - 1);
        }, rest),
      ];
    case 'cancel':
      return [write('writes Canceled', { to: 'canceled' }, rest)];
    case 'fail':
      return [write('fails the job, its attempts are over', { to: 'exhausted' }, rest)];
    case 'next-attempt':
      return [
        write('writes the next attempt', { to: 'next-attempt' }, (_, me) =>
          Object.assign(me, { at: 'put', seen: me.seen + 1 }),
        ),
      ];
    case 'put-message':
      return [write('notes that it puts the message again', { to: 'recovered' }, to('put'))];
    case 'put':
      return [put(rest)];
    default:
      throw new Error(`a poller is never at '${context.me.at}'`);
  }
}

export const stepsOf: Readonly<Record<Exclude<Role, 'worker'>, (context: StepContext) => Step[]>> = {
  'poison handler': poisonSteps,
  canceler: cancelerSteps,
  deleter: deleterSteps,
  operator: operatorSteps,
  poller: pollerSteps,
};

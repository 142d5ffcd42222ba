/**
 * What a poll, a wait or the sweep does with a job it finds: the recovery table of docs/design.md, section 2, as data.
 * An attempt that died says nothing, so whoever asks for its job decides, by storage's word alone.
 */
import { firstFit, type Row, withinLimit } from './decisions.ts';
import { isFinished, isPutOff, type Job, LAYOUT } from './job.ts';
import type { QueueFront } from './ports.ts';

/** A message that nobody has worked on for so long is looked for; each time it is put again doubles it. */
const QUIET_SECONDS = 30;

/** What the workflow engine was handed says less of itself: progress at most, and that only with the next activity. */
const HANDED_QUIET_SECONDS = 120;

/** What recovery sees. */
export interface RecoveryView {
  readonly job: Job;
  /** The front of the job's queue: `empty`, or `unknown` where nobody has peeked, since most jobs are decided without. */
  readonly front: QueueFront | 'empty' | 'unknown';
}

/** What recovery does. `peek` decides again once the front of the queue is known. */
export type RecoveryAction =
  | { readonly act: 'nothing' }
  | { readonly act: 'cancel' }
  | { readonly act: 'next-attempt'; readonly increment: 1 }
  | { readonly act: 'put-message' }
  | { readonly act: 'peek' }
  | { readonly act: 'fail' };

const nothing = { act: 'nothing' } as const;

/** The moment since when the job's message could have been delivered. */
function dueSince({ updatedAt, notBefore }: Job): Date {
  return notBefore !== undefined && notBefore > updatedAt ? notBefore : updatedAt;
}

function isQuiet(job: Job): boolean {
  const quietSeconds = (job.observedAt.getTime() - dueSince(job).getTime()) / 1000;
  const longSeconds = job.handedAt === undefined ? QUIET_SECONDS : HANDED_QUIET_SECONDS;
  return quietSeconds >= longSeconds * 2 ** job.recovered;
}

/**
 * Queues are served in turn, so a message put before the front is no longer in the queue. The front may be the job's own:
 * the blob comes before its message, so that it was put after the job was written proves nothing.
 */
function awaitsItsTurn({ job, front }: RecoveryView): boolean {
  return typeof front === 'object' && (front.job === job.ref || front.putAt <= dueSince(job));
}

/** The lease tells of those that an attempt had claimed; of the others, how long nothing has happened. */
export const recoveryTable: readonly Row<RecoveryView, RecoveryAction>[] = [
  { finds: 'written by a newer version', fits: ({ job }) => job.layout > LAYOUT, does: nothing },
  { finds: 'finished', fits: ({ job }) => isFinished(job), does: nothing },
  { finds: 'leased by a live attempt', fits: ({ job }) => job.lease === 'live', does: nothing },
  { finds: 'lease broken', fits: ({ job }) => job.lease === 'broken', does: { act: 'cancel' } },
  {
    finds: 'handed to the workflow engine, not quiet for long enough',
    fits: ({ job }) => job.handedAt !== undefined && !isQuiet(job),
    does: nothing,
  },
  {
    // Whoever gets the message asks the engine: a poll has no client of it.
    finds: 'handed to the workflow engine, quiet',
    fits: ({ job }) => job.handedAt !== undefined,
    does: { act: 'put-message' },
  },
  { finds: 'notBefore ahead', fits: ({ job }) => isPutOff(job), does: nothing },
  {
    finds: 'lease expired, not waiting',
    fits: ({ job }) => job.lease === 'expired' && !job.waiting,
    does: { act: 'next-attempt', increment: 1 },
  },
  {
    finds: 'lease expired, waiting',
    fits: ({ job }) => job.lease === 'expired',
    does: { act: 'put-message' },
  },
  { finds: 'no lease, not quiet for long enough', fits: ({ job }) => !isQuiet(job), does: nothing },
  {
    finds: 'no lease, quiet, its queue not looked at',
    fits: ({ front }) => front === 'unknown',
    does: { act: 'peek' },
  },
  { finds: 'no lease, quiet, its message waits its turn', fits: awaitsItsTurn, does: nothing },
  {
    finds: 'no lease, quiet, its message is not in the queue',
    fits: () => true,
    does: { act: 'put-message' },
  },
];

/** Decides a recovery; a next attempt beyond the job's limit becomes `fail`. */
export function decideRecovery(view: RecoveryView): RecoveryAction {
  const { does } = firstFit(recoveryTable, view);
  return does.act === 'next-attempt' ? withinLimit(view, does) : does;
}

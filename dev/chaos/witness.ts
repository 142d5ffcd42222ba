/**
 * One job as its client saw it, held to what section 2 of docs/design.md allows: from what was asked and what was heard
 * follows what may be heard next. A call without an answer may have been done, or be done later.
 */
import type { Report } from './finding.ts';
import type { Work } from './schedule.ts';

/** What one answer showed of a job. */
export type Seen =
  | { readonly state: 'pending'; readonly attempt?: number; readonly percent?: number }
  | { readonly state: 'Succeeded' }
  | { readonly state: 'Failed'; readonly status: number }
  | { readonly state: 'Canceled' }
  | { readonly state: 'gone' };

export interface Witness {
  readonly ref: string;
  /** The end, once it was seen. */
  readonly end: Seen | undefined;
  saw(seen: Seen): void;
  /** A cancel or delete is under way. */
  asked(act: 'cancel' | 'delete'): void;
  /** It was answered: 200 or 204 for done, 409 for a cancel too late. */
  done(act: 'cancel' | 'delete'): void;
  tooLate(): void;
}

export function witnessOf(ref: string, work: Work, report: Report): Witness {
  let end: Seen | undefined;
  let attempt = 1;
  let percent = 0;
  const mayHaveBeen = { cancel: false, delete: false };
  const unexplained = (detail: string) => report('unexplained', ref, detail);

  /** Whether this is an end that the work may come to. Attempts may always run out: each killed host costs one. */
  function isExplained(seen: Seen): boolean {
    switch (seen.state) {
      case 'pending':
        return true;
      case 'Succeeded':
        return (
          work.operation === 'csv-profile' ||
          work.outcome === 'succeed' ||
          work.succeedOnAttempt !== undefined
        );
      case 'Failed':
        return (
          seen.status === 500 ||
          (work.operation === 'delay' && work.outcome === 'reject' && seen.status === 422)
        );
      case 'Canceled':
        return mayHaveBeen.cancel;
      case 'gone':
        return mayHaveBeen.delete;
      default:
        return seen satisfies never;
    }
  }

  return {
    ref,
    get end() {
      return end;
    },
    saw(seen) {
      const isGoneByHand = seen.state === 'gone' && mayHaveBeen.delete;
      if (end !== undefined && !isSame(end, seen) && !isGoneByHand)
        report('changed after its end', ref, `${text(end)}, then ${text(seen)}`);
      else if (seen.state === 'gone' && !isGoneByHand) report('lost', ref, 'accepted, and answered 404');
      else if (!isExplained(seen)) unexplained(`${text(seen)}, which was not asked for`);
      if (seen.state !== 'pending') {
        end = seen;
        return;
      }
      const now = seen.attempt ?? attempt;
      if (now < attempt) unexplained(`attempt ${now} after ${attempt}`);
      if (now > attempt) percent = 0;
      if ((seen.percent ?? percent) < percent)
        unexplained(`attempt ${now}: ${seen.percent} % after ${percent} %`);
      percent = seen.percent ?? percent;
      attempt = Math.max(attempt, now);
    },
    asked(act) {
      mayHaveBeen[act] = true;
    },
    done(act) {
      mayHaveBeen[act] = true;
      const now: Seen = { state: act === 'cancel' ? 'Canceled' : 'gone' };
      if (act === 'cancel' && end !== undefined && !isSame(end, now))
        report('changed after its end', ref, `${text(end)}, then canceled`);
      end = now;
    },
    tooLate() {
      if (end?.state === 'Canceled') unexplained('a cancel refused after one that was done');
    },
  };
}

function isSame(one: Seen, other: Seen): boolean {
  return (
    one.state === other.state &&
    (one.state !== 'Failed' || other.state !== 'Failed' || one.status === other.status)
  );
}

function text(seen: Seen): string {
  return seen.state === 'Failed' ? `Failed ${seen.status}` : seen.state;
}

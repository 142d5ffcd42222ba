/** An attempt's progress on its way to the blob: seldom, only when it changed, and only once the attempt has claimed. */
import type { Ownership } from './ownership.ts';

const MOST_MESSAGE_CHARACTERS = 200;

/** Progress as the blob keeps it. */
export interface NotedProgress {
  readonly percentComplete: number;
  readonly message: string | undefined;
}

/** Undefined for what is no number. */
export function noted(percentComplete: number, message?: string): NotedProgress | undefined {
  if (!Number.isFinite(percentComplete)) return undefined;
  return {
    percentComplete: Math.floor(Math.min(100, Math.max(0, percentComplete))),
    message: message?.slice(0, MOST_MESSAGE_CHARACTERS),
  };
}

export interface Progress {
  /** Takes note; never throws, never waits. */
  report(percentComplete: number, message?: string): void;
  /** Says that the attempt has claimed, so that what was noted before can be written. */
  claimed(): void;
  /** Writes no more. */
  stop(): void;
}

/** @param everyMs the least time between two writes */
export function progressOf(
  owner: Pick<Ownership, 'isClaimed' | 'write'>,
  everyMs: number,
  startedAt: Date,
): Progress {
  let latest: NotedProgress | undefined;
  let written: typeof latest;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const isNews = () =>
    latest !== undefined &&
    (latest.percentComplete !== written?.percentComplete || latest.message !== written.message);

  async function writeLatest(): Promise<void> {
    const news = latest;
    if (news === undefined) return;
    written = news;
    await owner.write((fields) => {
      // Here and not before: a write may have to wait for its turn.
      writtenAt = performance.now();
      return { ...fields, ...news, startedAt: fields.startedAt ?? startedAt };
    });
  }

  function schedule(): void {
    if (timer !== undefined || stopped || !owner.isClaimed || !isNews()) return;
    timer = setTimeout(
      () => {
        writeLatest()
          // A lost job tells the operation by its signal; what storage did not take is made good by the next report.
          .catch(() => undefined)
          .finally(() => {
            timer = undefined;
            schedule();
          });
      },
      Math.max(0, writtenAt + everyMs - performance.now()),
    );
  }

  return {
    report(percentComplete, message) {
      latest = noted(percentComplete, message) ?? latest;
      schedule();
    },
    claimed: schedule,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

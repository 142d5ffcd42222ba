/** What is simulated, and with what figures. Durations of work are in seconds, those of machines in milliseconds. */

/** When jobs come, in jobs a second. */
export type Arrivals =
  | { readonly kind: 'steady'; readonly perSecond: number }
  /** As steady, and so many more, spread over the burst. */
  | {
      readonly kind: 'burst';
      readonly perSecond: number;
      readonly jobs: number;
      readonly fromSeconds: number;
      readonly overSeconds: number;
    }
  /** All at once, at some moment between these. */
  | {
      readonly kind: 'at-once';
      readonly jobs: number;
      readonly fromSeconds: number;
      readonly toSeconds: number;
    }
  /** A wave of the given length, from `least` at its beginning to `most` in its middle. */
  | { readonly kind: 'wave'; readonly least: number; readonly most: number; readonly lengthSeconds: number };

/** How a caller learns of the end. */
export type Caller =
  | { readonly kind: 'retry-after' }
  | { readonly kind: 'interval'; readonly seconds: number }
  | { readonly kind: 'wait'; readonly seconds: number };

/** The work of a job. */
export interface Work {
  readonly medianSeconds: number;
  /** Of its logarithm: 0 for work that always takes as long. */
  readonly spread: number;
  /** Share of the attempts that throw. */
  readonly failing: number;
  /** What the operation declares, if it does. */
  readonly usualSeconds: number | undefined;
}

/** The instances that work off the queue. */
export interface Workers {
  readonly atStart: number;
  readonly most: number;
  /** Between two decisions of the scale controller. 0: it decides nothing. */
  readonly decisionSeconds: number;
  /** The most that one decision adds. */
  readonly step: number;
  /** From the decision until the instance looks into the queue. */
  readonly startSeconds: number;
  /**
   * They are the instances that answer HTTP, and a call to storage occupies them half as long as a poll does: that is two
   * requests, one that comes and one that goes.
   */
  readonly isOnFront: boolean;
}

/** The instances that answer HTTP. */
export interface Front {
  readonly instances: number;
  /** For so long a request occupies its instance, which answers one after the other. */
  readonly startMs: number;
  readonly pollMs: number;
  /** From client to instance and back, and to storage, where nothing is occupied meanwhile. */
  readonly awayMs: number;
  /** Whoever waits for a job that it has just accepted has it run at once, here, where there is room. */
  readonly isFastPath: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly seed: number;
  /** Jobs come for so long; the simulation goes on until the last has been heard of. */
  readonly seconds: number;
  readonly arrivals: Arrivals;
  readonly caller: Caller;
  readonly work: Work;
  readonly workers: Workers;
  readonly front: Front;
  /** One call to storage. */
  readonly storageMs: number;
  /** `MAX_BACKLOG`. */
  readonly maxBacklog: number;
  /** `maxPollingInterval` of host.json. */
  readonly maxPollingMs: number;
}

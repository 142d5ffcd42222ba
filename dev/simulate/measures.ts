/** What a run came to: figures over time, a sample every few seconds, and of every job how long it took. */

export interface Sample {
  readonly atSeconds: number;
  readonly backlog: number;
  readonly instances: number;
  /** Since the sample before, a second. */
  readonly polls: number;
  readonly refusals: number;
}

export interface Latency {
  /** Since the beginning. */
  readonly acceptedSeconds: number;
  /** From the answer that accepted the job until its caller knows that it has ended. */
  readonly seconds: number;
  /** The same from its first try, which may have been refused. */
  readonly triedSeconds: number;
}

export interface Measures {
  readonly jobs: number;
  readonly samples: readonly Sample[];
  readonly latencies: readonly Latency[];
  /** Requests for a status, the last of each job included. */
  readonly polls: number;
  /** Starts answered 429, after which the caller came again. */
  readonly refusals: number;
  /** Calls to storage that jobs, polls and waits made, empty looks into the queue left out. */
  readonly calls: number;
}

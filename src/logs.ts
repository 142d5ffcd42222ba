/**
 * Every line the app logs, as a typed function: greppable, and the one place that guarantees that no id, SAS, key or
 * content is ever logged. A job is named by its ref.
 */

/** Where lines go: an invocation's context, or the console outside one. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

interface JobFacts {
  readonly ref: string;
  readonly operation: string;
  readonly attempt: number;
}

// Line breaks and control characters from outside must not make lines of their own (log injection): JSON escapes them.
const line = (event: string, facts: object) => `${event} ${JSON.stringify(facts)}`;

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

/** A job that ends. `ageMs` counts from its acceptance. */
interface EndFacts extends JobFacts {
  readonly ageMs: number;
}

const lines = {
  backlogUnknown: (log: Log, facts: { operation: string }, error: unknown) =>
    log.warn(line('backlog unknown: nothing is refused for it', { ...facts, error: causeOf(error) })),
  jobAccepted: (log: Log, job: JobFacts) => log.info(line('job accepted', job)),
  startRepeated: (log: Log, job: JobFacts & { isMessagePut: boolean }) =>
    log.info(line('start repeated', job)),
  attemptStarted: (
    log: Log,
    job: JobFacts & { dequeueCount: number; waitedMs: number | undefined; isAfterLoss: boolean },
  ) => log.info(line('attempt started', job)),
  attemptSaid: (log: Log, job: JobFacts, message: string) =>
    log.info(line('attempt said', { ...job, message })),
  jobSucceeded: (log: Log, job: EndFacts & { durationMs: number; replyBytes: number }) =>
    log.info(line('job succeeded', job)),
  jobFailed: (log: Log, job: EndFacts & { code: string; attemptWas: string }, error?: unknown) =>
    log.warn(line('job failed', error === undefined ? job : { ...job, error: causeOf(error) })),
  attemptFailed: (log: Log, job: JobFacts & { nextAttemptInSeconds: number }, error: unknown) =>
    log.warn(line('attempt failed', { ...job, error: causeOf(error) })),
  attemptsLost: (log: Log, job: JobFacts & { lost: number; nextAttemptInSeconds: number }) =>
    log.warn(line('attempt lost without a word', job)),
  attemptHandedBack: (log: Log, job: JobFacts) => log.info(line('attempt handed back', job)),
  attemptsHandedBack: (log: Log, facts: { asked: number; left: number }) =>
    log.info(line('the instance shuts down: attempts handed back', facts)),
  attemptLost: (log: Log, job: JobFacts & { finds: string }) => log.warn(line('attempt lost', job)),
  attemptAbandoned: (log: Log, job: JobFacts, error: unknown) =>
    log.error(line('attempt abandoned', { ...job, error: causeOf(error) })),
  engineAsked: (log: Log, job: JobFacts & { says: string; act: string }) =>
    log.info(line('workflow engine asked', job)),
  activityStarted: (log: Log, job: JobFacts & { activity: string }) =>
    log.info(line('activity started', job)),
  activityFailed: (log: Log, job: JobFacts & { activity: string }, error: unknown) =>
    log.warn(line('activity failed', { ...job, error: causeOf(error) })),
  workflowEnded: (log: Log, job: JobFacts) => log.info(line('workflow ended', job)),
  workflowNotEnded: (log: Log, job: JobFacts, error: unknown) =>
    log.warn(line('workflow not ended; its next activity ends it', { ...job, error: causeOf(error) })),
  workflowsSwept: (log: Log, facts: { removed: number }) => log.info(line('workflows swept', facts)),
  deliveryIdle: (log: Log, facts: { ref: string; act: string }) => log.info(line('delivery idle', facts)),
  messageLeft: (log: Log, facts: { ref: string }, error: unknown) =>
    log.warn(
      line('message left to appear: it wakes whatever is left to do', { ...facts, error: causeOf(error) }),
    ),
  messageForeign: (log: Log, facts: { queue: string }) =>
    log.error(line('message dropped: it names no job', facts)),
  poisonDecided: (log: Log, facts: { ref: string; act: string }) => log.warn(line('poison message', facts)),
  messagePutAgain: (log: Log, job: JobFacts & { recovered: number }) =>
    log.warn(line('message put again: nothing came of the last one', job)),
  recoveryFailed: (log: Log, job: JobFacts, error: unknown) =>
    log.warn(line('recovery failed; whoever asks next tries again', { ...job, error: causeOf(error) })),
  jobsSwept: (
    log: Log,
    facts: { pages: number; items: number; removed: number; recovered: number; isRoundComplete: boolean },
  ) => log.info(line('jobs swept', facts)),
  jobCanceled: (log: Log, job: EndFacts) => log.info(line('job canceled', job)),
  queueMeasured: (log: Log, facts: { lane: string; messages: number; frontAgeMs: number }) =>
    log.info(line('queue measured', facts)),
  queueUnmeasured: (log: Log, facts: { lane: string }, error: unknown) =>
    log.warn(line('queue not measured', { ...facts, error: causeOf(error) })),
  telemetryUnsent: (log: Log, facts: { to: string; silentMinutes: number }, error: unknown) =>
    log.warn(
      line('telemetry not sent: it is lost, and nothing else is', { ...facts, error: causeOf(error) }),
    ),
  jobDeleted: (log: Log, facts: { ref: string }) => log.info(line('job deleted', facts)),
  jobRetried: (log: Log, facts: { ref: string; attempt: number }) => log.info(line('job retried', facts)),
  heartbeatFailed: (log: Log, job: JobFacts, error: unknown) =>
    log.warn(line('heartbeat failed', { ...job, error: causeOf(error) })),
  eventLoopBlocked: (log: Log, facts: { blockedMs: number; operations: readonly string[] }) =>
    log.warn(line('event loop blocked: a lease is lost after 30 s of it', facts)),
  requestFailed: (log: Log, facts: { function: string }, error: unknown) =>
    log.error(
      line('request failed', { ...facts, error: error instanceof Error ? error.stack : String(error) }),
    ),
  requestUnserved: (log: Log, facts: { function: string }, error: unknown) =>
    log.warn(line('request unserved', { ...facts, error: causeOf(error) })),
  waitBroken: (log: Log, facts: { ref: string }, error: unknown) =>
    log.warn(line('wait broken off', { ...facts, error: causeOf(error) })),
  replyCut: (log: Log, facts: { ref: string }, error: unknown) =>
    log.warn(line('reply cut short', { ...facts, error: causeOf(error) })),
  keyNotRenewed: (log: Log, facts: { endsAt: string }, error: unknown) =>
    log.warn(
      line('user delegation key not renewed: no URL can be signed after its end', {
        ...facts,
        error: causeOf(error),
      }),
    ),
  storageNotReady: (log: Log, error: unknown) =>
    log.error(
      line('containers and queues could not be made; the next request tries again', {
        error: causeOf(error),
      }),
    ),
};

type Lines = typeof lines;

/** Hears of each line what its log does, before it is written. It must not throw. */
export type LogListener = {
  readonly [Name in keyof Lines]?: (facts: Parameters<Lines[Name]>[1]) => void;
};

let listener: LogListener = {};

/** Has somebody hear of every line beside its log: what is counted is what is logged. To be called once, by main.ts. */
export function listenToLogs(hears: LogListener): void {
  listener = hears;
}

const written = ([name, write]: [string, Lines[keyof Lines]]) => [
  name,
  (log: Log, facts: never, ...more: never[]) => {
    listener[name as keyof Lines]?.(facts);
    (write as (log: Log, ...said: never[]) => void)(log, facts, ...more);
  },
];

export const logs = Object.fromEntries(Object.entries(lines).map(written)) as Lines;

/**
 * Every metric and span of the app: its name and what stands beside it. docs/telemetry.md says the same for whoever asks for
 * them, and a test holds the two together. Names as OpenTelemetry's semantic conventions make them; where those have
 * a name of their own (HTTP, messaging), it is theirs. No attribute ever has an id, an owner, a key or a SAS. Metrics have none
 * of a job either: each of their attributes has few values, since every combination is a series of its own.
 */

/** What a metric or span is told apart by. */
export const attributes = {
  operation: 'request_reply.operation',
  /** {@link COMMON_LANE} for operations without one. */
  lane: 'request_reply.lane',
  outcome: 'request_reply.outcome',
  /** On spans only: the job's public name, and which of its attempts. */
  ref: 'request_reply.ref',
  attempt: 'request_reply.attempt',
} as const;

/** The lane of operations that name none. */
export const COMMON_LANE = 'common';

export interface Metric {
  readonly name: string;
  /** `sum` counts up; `distribution` is a histogram; `last` is a gauge. */
  readonly is: 'sum' | 'distribution' | 'last';
  /** As UCUM writes it: `s`, or what is counted in braces. */
  readonly unit: string;
  readonly attributes: readonly ('operation' | 'lane' | 'outcome')[];
  /** The values of `outcome`. */
  readonly outcomes?: readonly string[];
  readonly description: string;
}

export const metrics = {
  jobsAccepted: {
    name: 'request_reply.job.accepted',
    is: 'sum',
    unit: '{job}',
    attributes: ['operation', 'lane'],
    description: 'Jobs accepted',
  },
  queueAge: {
    name: 'request_reply.job.queue_age',
    is: 'distribution',
    unit: 's',
    attributes: ['operation', 'lane'],
    description: 'From when an attempt could have begun until it began',
  },
  attemptsStarted: {
    name: 'request_reply.attempt.started',
    is: 'sum',
    unit: '{attempt}',
    attributes: ['operation', 'lane'],
    description: 'Attempts begun',
  },
  attemptsEnded: {
    name: 'request_reply.attempt.ended',
    is: 'sum',
    unit: '{attempt}',
    attributes: ['operation', 'lane', 'outcome'],
    outcomes: ['succeeded', 'failed', 'tried_again', 'handed_back', 'lost'],
    description: 'Attempts ended; `lost` ended without a word and is counted by whoever notices',
  },
  jobsEnded: {
    name: 'request_reply.job.ended',
    is: 'sum',
    unit: '{job}',
    attributes: ['operation', 'lane', 'outcome'],
    outcomes: ['succeeded', 'failed', 'canceled'],
    description: 'Jobs ended',
  },
  jobDuration: {
    name: 'request_reply.job.duration',
    is: 'distribution',
    unit: 's',
    attributes: ['operation', 'lane', 'outcome'],
    outcomes: ['succeeded', 'failed', 'canceled'],
    description: 'From the acceptance of a job to its end',
  },
  jobsRecovered: {
    name: 'request_reply.job.recovered',
    is: 'sum',
    unit: '{job}',
    attributes: ['operation', 'lane', 'outcome'],
    outcomes: ['next_attempt', 'message_put_again'],
    description: 'Jobs set going again: after an attempt was lost, or since nothing came of their message',
  },
  queueMessages: {
    name: 'request_reply.queue.messages',
    is: 'last',
    unit: '{message}',
    attributes: ['lane'],
    description:
      'The backlog: about how many messages a queue has, those in work and put off among them; once a minute',
  },
  queueFrontAge: {
    name: 'request_reply.queue.front_age',
    is: 'last',
    unit: 's',
    attributes: ['lane'],
    description: 'How long ago the message next in turn was put; 0 for an empty queue; once a minute',
  },
  poisonMessages: {
    name: 'request_reply.poison.messages',
    is: 'sum',
    unit: '{message}',
    attributes: [],
    description: 'Messages that came through a poison queue',
  },
  requestsWaiting: {
    name: 'request_reply.request.waiting',
    is: 'last',
    unit: '{request}',
    attributes: [],
    description: 'HTTP requests that an instance holds for the end of their job',
  },
  requestsFailed: {
    name: 'request_reply.request.failed',
    is: 'sum',
    unit: '{request}',
    attributes: ['outcome'],
    outcomes: ['failed', 'unserved'],
    description:
      'HTTP requests answered 500 (`failed`: a fault of the app) or 503 (`unserved`: storage did not answer)',
  },
  sweepsEnded: {
    name: 'request_reply.sweep.ended',
    is: 'sum',
    unit: '{sweep}',
    attributes: [],
    description: 'The heartbeat: sweeps, one a minute for the whole app',
  },
} as const satisfies Record<string, Metric>;

export type MetricKey = keyof typeof metrics;

/** A span's name; `{…}` is filled in. */
export interface SpanKind {
  readonly name: string;
  /** As OpenTelemetry knows kinds. */
  readonly kind: 'server' | 'consumer' | 'client' | 'internal';
  readonly parent: string;
}

export const spans = {
  request: {
    name: '{method} {route}',
    kind: 'server',
    parent: 'the caller, by its `traceparent`',
  },
  delivery: {
    name: 'process {queue}',
    kind: 'consumer',
    parent: 'the request that started the job; linked to the invocation',
  },
  fastPath: {
    name: 'run {operation}',
    kind: 'internal',
    parent: 'the request that started the job',
  },
  activity: {
    name: '{activity}',
    kind: 'internal',
    parent: 'the request that started the job; linked to the invocation',
  },
  timer: { name: '{function}', kind: 'internal', parent: 'none' },
  storageCall: {
    name: '{call}',
    kind: 'client',
    parent: 'whatever makes the call',
  },
} as const satisfies Record<string, SpanKind>;

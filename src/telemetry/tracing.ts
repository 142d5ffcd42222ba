/**
 * What the app says about its traces, whoever listens: nobody, until main.ts names a tracer. Nothing is loaded and nothing
 * kept then. Global as the log lines are, since every layer says what it does and only the composition root knows where it goes.
 */
import type { TraceContext } from '../jobs/ports.ts';
import type { SpanKind } from './catalogue.ts';

export type Attributes = Readonly<Record<string, string | number | undefined>>;

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind['kind'];
  /** Default: what runs now. One without a `traceparent` begins a trace. */
  readonly parent?: TraceContext | undefined;
  /** The `traceparent` of something else that it has to do with. */
  readonly link?: string | undefined;
  readonly attributes?: Attributes;
  /** Whether an error that the work throws is a failure; default: any is. */
  readonly isFailure?: (error: unknown) => boolean;
}

export interface Tracer {
  /** Runs work within a span. Throws what the work throws. */
  trace<T>(start: SpanStart, work: () => Promise<T>): Promise<T>;
  /** Says more of the span that runs now. */
  describe(attributes: Attributes): void;
  /** The span that runs now, as it is sent on. */
  current(): TraceContext | undefined;
}

const silent: Tracer = {
  trace: (_, work) => work(),
  describe: () => undefined,
  current: () => undefined,
};

let tracer = silent;

/** Names who listens from here on. */
export function traceBy(listening: Tracer): void {
  tracer = listening;
}

export const tracing: Tracer = {
  trace: (start, work) => tracer.trace(start, work),
  describe: (attributes) => tracer.describe(attributes),
  current: () => tracer.current(),
};

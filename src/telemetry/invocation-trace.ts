/** Where an invocation's span belongs, beside the spans that the host makes of its own accord. */
import type { TraceContext } from '../jobs/ports.ts';

/** As the library has it. */
interface Invocation {
  readonly traceContext?: { readonly traceParent?: string | undefined } | undefined;
}

/** The host's own span of an invocation; undefined where it makes none, as without telemetry. */
export function hostSpanOf({ traceContext }: Invocation): string | undefined {
  return traceContext?.traceParent || undefined;
}

/**
 * The parent of a request's span: the host's, which stands between the caller and the app; but the caller's where the host
 * has none, or has not taken up the caller's trace.
 */
export function parentOfRequest(caller: TraceContext, invocation: Invocation): TraceContext {
  const host = hostSpanOf(invocation);
  const isCallers = caller.traceparent === undefined || traceIdOf(host) === traceIdOf(caller.traceparent);
  return host !== undefined && isCallers ? { ...caller, traceparent: host } : caller;
}

function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparent?.split('-')[1];
}

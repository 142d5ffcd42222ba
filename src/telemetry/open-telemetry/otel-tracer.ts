/** The app's tracer on OpenTelemetry's. */
import {
  type Context,
  context,
  createTraceState,
  isSpanContextValid,
  type Link,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { TraceContext } from '../../jobs/ports.ts';
import type { Attributes, SpanStart, Tracer } from '../tracing.ts';

const kinds: Readonly<Record<SpanStart['kind'], SpanKind>> = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
};

export function otelTracer(tracer: OtelTracer): Tracer {
  return {
    trace(start, work) {
      const parent = start.parent === undefined ? context.active() : contextOf(start.parent);
      const options = {
        kind: kinds[start.kind],
        attributes: { ...start.attributes, ...nameForRequests(start) },
        links: linksTo(start.link),
      };
      return tracer.startActiveSpan(start.name, options, parent, async (span) => {
        try {
          return await work();
        } catch (error) {
          note(span, error, start.isFailure?.(error) ?? true);
          throw error;
        } finally {
          span.end();
        }
      });
    },
    describe(attributes) {
      const span = trace.getActiveSpan();
      span?.setAttributes(attributes as Record<string, string | number>);
      if (Number(attributes['http.response.status_code']) >= 500) {
        span?.setStatus({ code: SpanStatusCode.ERROR });
      }
    },
    current() {
      const span = trace.getActiveSpan()?.spanContext();
      return span && { traceparent: traceparentOf(span), tracestate: span.traceState?.serialize() };
    },
  };
}

/** Its kind and no more: what an error says may quote anything. The log has it, where each line is seen to. */
function note(span: Span, error: unknown, isFailure: boolean): void {
  span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
  if (isFailure) span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Application Insights names a request by this, where it is none of HTTP. */
function nameForRequests({ kind, name }: SpanStart): Attributes {
  return kind === 'consumer' ? { 'ai.operation.name': name } : {};
}

function contextOf({ traceparent, tracestate }: TraceContext): Context {
  const span = spanContextOf(traceparent);
  if (span === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    ...span,
    ...(tracestate && { traceState: createTraceState(tracestate) }),
  });
}

function linksTo(traceparent: string | undefined): Link[] {
  const span = spanContextOf(traceparent);
  return span === undefined ? [] : [{ context: span }];
}

function spanContextOf(traceparent = ''): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(span) ? span : undefined;
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

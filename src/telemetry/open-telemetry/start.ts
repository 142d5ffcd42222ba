/**
 * Telemetry on OpenTelemetry. A bundle of its own, `dist/telemetry.cjs`, which main.ts loads where settings say where telemetry is
 * to go: what is not sent costs no start its loading. It shares nothing with the bundle of the app but what is passed here.
 *
 * Not by the instrumentations that Azure publishes (@azure/functions-opentelemetry-instrumentation, …-azure-sdk): they change
 * packages as these are loaded, and in a bundle there is nothing to load. What the first one does is done by main.ts.
 */
import { context, metrics, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Log, LogListener } from '../../logs.ts';
import type { TelemetrySettings } from '../settings.ts';
import type { Tracer } from '../tracing.ts';
import { type CountedLinesDependencies, countedLines } from './counted-lines.ts';
import { exportersOf } from './exporters.ts';
import { otelTracer } from './otel-tracer.ts';

const SCOPE = 'azure-functions-request-reply';
/** Of spans and log lines that wait to be sent, each; what comes on top is dropped. */
const MOST_WAITING = 4096;
/** A worker that is killed takes with it what has not been sent: so much at most, of spans and lines. */
const SEND_EVERY_MS = 2000;
const MEASURE_EVERY_MS = 30_000;

export interface TelemetryDependencies extends Pick<CountedLinesDependencies, 'laneOf' | 'waiterCount'> {
  readonly settings: TelemetrySettings;
  /** Of the identity, where the settings name one. */
  readonly credential: Parameters<typeof exportersOf>[1];
  /** For what is to be said of telemetry itself. */
  readonly log: Log;
}

export interface Telemetry {
  readonly tracer: Tracer;
  readonly listener: LogListener;
  /** Sends a line of the log along, as one of the span that runs now. `level` is the library's. */
  write(level: string, line: string): void;
  /** Sends what waits. Resolves after `withinMs` at the latest, whatever became of it. */
  flush(withinMs: number): Promise<void>;
}

export function startTelemetry(dependencies: TelemetryDependencies): Telemetry {
  const { settings, credential, log } = dependencies;
  const { spans, metrics: metricExporters, records } = exportersOf(settings, credential, log);
  const resource = resourceFromAttributes({
    'service.name': settings.serviceName,
    'service.instance.id': settings.instanceId ?? crypto.randomUUID(),
  }).merge(detectResources({ detectors: [envDetector] }));
  const batches = { maxQueueSize: MOST_WAITING, scheduledDelayMillis: SEND_EVERY_MS };

  const tracers = new BasicTracerProvider({
    resource,
    spanProcessors: spans.map((exporter) => new BatchSpanProcessor(exporter, batches)),
  });
  const meters = new MeterProvider({
    resource,
    readers: metricExporters.map(
      (exporter) => new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: MEASURE_EVERY_MS }),
    ),
  });
  const loggers = new LoggerProvider({
    resource,
    processors: records.map((exporter) => new BatchLogRecordProcessor({ exporter, ...batches })),
  });
  // Also for an operation's own spans: whatever asks OpenTelemetry's API is among those of the app.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);

  const tracer = otelTracer(tracers.getTracer(SCOPE));
  const logger = loggers.getLogger(SCOPE);
  return {
    tracer,
    listener: countedLines({ ...dependencies, meter: meters.getMeter(SCOPE), tracer }),
    write: (level, line) =>
      logger.emit({
        body: line,
        severityText: level,
        severityNumber: severities[level] ?? SeverityNumber.INFO,
      }),
    async flush(withinMs) {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, withinMs);
      const all = Promise.allSettled([tracers, loggers, meters].map((provider) => provider.forceFlush()));
      await Promise.race([all, late.promise]);
      clearTimeout(timer);
    },
  };
}

const severities: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  information: SeverityNumber.INFO,
  warning: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  critical: SeverityNumber.FATAL,
};

/**
 * Where telemetry goes: to Application Insights, to an OTLP endpoint, or both. Whatever cannot be sent is dropped, never kept on
 * disk nor waited for: no job is slower for it.
 */
import {
  AzureMonitorLogExporter,
  AzureMonitorMetricExporter,
  AzureMonitorTraceExporter,
} from '@azure/monitor-opentelemetry-exporter';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { type Log, logs } from '../../logs.ts';
import type { TelemetrySettings } from '../settings.ts';

/** A request that is not answered by then is given up. */
const SEND_WITHIN_MS = 10_000;
/** An outage of the collector is said so often, not once a batch. */
const SAY_EVERY_MINUTES = 10;

export interface Exporters {
  readonly spans: readonly SpanExporter[];
  readonly metrics: readonly PushMetricExporter[];
  readonly records: readonly LogRecordExporter[];
}

type Credential = NonNullable<ConstructorParameters<typeof AzureMonitorTraceExporter>[0]>['credential'];

/** @param credential the identity's, where the settings name one */
export function exportersOf(
  { connectionString, sendsToOtlp }: TelemetrySettings,
  credential: Credential | undefined,
  log: Log,
): Exporters {
  const spans: SpanExporter[] = [];
  const metrics: PushMetricExporter[] = [];
  const records: LogRecordExporter[] = [];
  if (connectionString !== undefined) {
    const options = {
      connectionString,
      ...(credential && { credential }),
      disableOfflineStorage: true,
      additionalPolicies: [{ policy: givesUp, position: 'perRetry' as const }],
    };
    const saying = outageSaid('Application Insights', log);
    spans.push(saying(new AzureMonitorTraceExporter(options)));
    metrics.push(saying(new AzureMonitorMetricExporter(options)));
    records.push(saying(new AzureMonitorLogExporter(options)));
  }
  if (sendsToOtlp) {
    // Address, headers and the rest it reads from OpenTelemetry's own variables.
    const saying = outageSaid('OTLP', log);
    const options = { timeoutMillis: SEND_WITHIN_MS };
    spans.push(saying(new OTLPTraceExporter(options)));
    // Delta: a gauge that one instance measured once is not to be repeated by it for ever.
    metrics.push(
      saying(new OTLPMetricExporter({ ...options, temporalityPreference: AggregationTemporality.DELTA })),
    );
    records.push(saying(new OTLPLogExporter(options)));
  }
  return { spans, metrics, records };
}

type Policy = NonNullable<
  NonNullable<ConstructorParameters<typeof AzureMonitorTraceExporter>[0]>['additionalPolicies']
>[number]['policy'];

const givesUp: Policy = {
  name: 'givesUp',
  sendRequest(request, next) {
    request.timeout = SEND_WITHIN_MS;
    return next(request);
  },
};

/** What a batch came to, as every exporter says it. */
interface Sent {
  readonly code: number;
  readonly error?: Error;
}

interface Exporter {
  export(items: never, done: (sent: Sent) => void): void;
}

/** Has an exporter say now and then that it does not get through: the SDK itself would say nothing. */
function outageSaid(to: string, log: Log): <E extends Exporter>(exporter: E) => E {
  let saidMs = Number.NEGATIVE_INFINITY;
  return (exporter) => {
    const send = exporter.export.bind(exporter);
    exporter.export = (items, done) =>
      send(items, (sent) => {
        const nowMs = performance.now();
        if (sent.code !== 0 && nowMs - saidMs > SAY_EVERY_MINUTES * 60_000) {
          saidMs = nowMs;
          logs.telemetryUnsent(log, { to, silentMinutes: SAY_EVERY_MINUTES }, sent.error);
        }
        done(sent);
      });
    return exporter;
  };
}

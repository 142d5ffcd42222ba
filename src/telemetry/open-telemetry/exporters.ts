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
      additionalPolicies: [
        { policy: givesUp, position: 'perRetry' as const },
        // Its exporter says that all is well where nothing came through and nothing is kept.
        { policy: saidByPolicy(outageSaid('Application Insights', log)), position: 'perCall' as const },
      ],
    };
    spans.push(new AzureMonitorTraceExporter(options));
    metrics.push(new AzureMonitorMetricExporter(options));
    records.push(new AzureMonitorLogExporter(options));
  }
  if (sendsToOtlp) {
    // Address, headers and the rest it reads from OpenTelemetry's own variables.
    const options = { timeoutMillis: SEND_WITHIN_MS };
    const said = outageSaid('OTLP', log);
    spans.push(saidByResult(new OTLPTraceExporter(options), said));
    // Delta: a gauge that one instance measured once is not to be repeated by it for ever.
    const temporalityPreference = AggregationTemporality.DELTA;
    metrics.push(saidByResult(new OTLPMetricExporter({ ...options, temporalityPreference }), said));
    records.push(saidByResult(new OTLPLogExporter(options), said));
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

function saidByPolicy(said: (error: unknown) => void): Policy {
  return {
    name: 'saidByPolicy',
    async sendRequest(request, next) {
      try {
        const response = await next(request);
        if (response.status >= 400) said(new Error(`answered ${response.status}`));
        return response;
      } catch (error) {
        said(error);
        throw error;
      }
    },
  };
}

interface Exporter {
  export(items: never, done: (sent: { readonly code: number; readonly error?: Error }) => void): void;
}

function saidByResult<E extends Exporter>(exporter: E, said: (error: unknown) => void): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    send(items, (sent) => {
      if (sent.code !== 0) said(sent.error);
      done(sent);
    });
  return exporter;
}

/** Says now and then that a collector is not reached: the SDK itself would say nothing. */
function outageSaid(to: string, log: Log): (error: unknown) => void {
  let saidMs = Number.NEGATIVE_INFINITY;
  return (error) => {
    const nowMs = performance.now();
    if (nowMs - saidMs < SAY_EVERY_MINUTES * 60_000) return;
    saidMs = nowMs;
    logs.telemetryUnsent(log, { to, silentMinutes: SAY_EVERY_MINUTES }, error);
  };
}

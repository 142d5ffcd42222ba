/** Takes telemetry on loopback, as an OTLP endpoint and as Application Insights do, and keeps what came. */
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { makeCertificate } from '../support/certificate.ts';
import { expectNoSecrets } from '../support/secrets.ts';

export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly startNs: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

export interface SeenRecord {
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly body: string;
}

export interface SeenPoint {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of a sum or gauge; of a distribution its count. */
  readonly value: number;
}

/** An item of Application Insights. */
interface Envelope {
  readonly tags: Readonly<Record<string, string>>;
  readonly data: {
    readonly baseType: string;
    readonly baseData: { readonly id?: string; readonly name?: string };
  };
}

export interface Collector {
  /** App settings that name it, in both its forms. */
  readonly settings: Readonly<Record<string, string>>;
  readonly spans: readonly SeenSpan[];
  readonly records: readonly SeenRecord[];
  readonly points: readonly SeenPoint[];
  readonly envelopes: readonly Envelope[];
  /** All that came, as it came. */
  readonly text: string;
  /** Resolves once it is so; asked again whenever something comes. */
  until(isSo: () => boolean): Promise<void>;
  /** @throws {Error} where anything that came holds a secret that this test file has seen */
  stop(): Promise<void>;
}

/** Connection string of an Application Insights on that port of loopback. */
export const insightsAt = (port: number) =>
  `InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=https://127.0.0.1:${port}/`;

/** The SDK's own accounts of itself would go to Microsoft. */
export const QUIET = { APPLICATION_INSIGHTS_NO_STATSBEAT: 'true' };

export async function startCollector(): Promise<Collector> {
  const spans: SeenSpan[] = [];
  const records: SeenRecord[] = [];
  const points: SeenPoint[] = [];
  const envelopes: Envelope[] = [];
  const texts: string[] = [];
  const events = new EventEmitter();

  const take: Readonly<Record<string, (text: string) => void>> = {
    '/v1/traces': (text) => spans.push(...spansIn(JSON.parse(text))),
    '/v1/logs': (text) => records.push(...recordsIn(JSON.parse(text))),
    '/v1/metrics': (text) => points.push(...pointsIn(JSON.parse(text))),
    '/v2.1/track': (text) => envelopes.push(...JSON.parse(text)),
  };
  const listener: RequestListener = async (request, response) => {
    const text = await bodyOf(request);
    texts.push(text);
    take[request.url?.split('?')[0] ?? '']?.(text);
    response.setHeader('content-type', 'application/json');
    response.end('{"itemsReceived":1,"itemsAccepted":1,"errors":[]}');
    events.emit('taken');
  };
  const folder = await mkdtemp(join(tmpdir(), 'collector-'));
  const { certFile, keyFile } = await makeCertificate(folder);
  const otlp = createServer(listener);
  // Its exporter takes https alone, whatever the connection string says.
  const insights = createSecureServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, listener);

  return {
    settings: {
      ...QUIET,
      NODE_EXTRA_CA_CERTS: certFile,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await listening(otlp)}`,
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsAt(await listening(insights)),
    },
    spans,
    records,
    points,
    envelopes,
    get text() {
      return texts.join('\n');
    },
    async until(isSo) {
      while (!isSo()) await once(events, 'taken');
    },
    async stop() {
      for (const server of [otlp, insights]) {
        server.close();
        server.closeAllConnections();
      }
      await rm(folder, { recursive: true });
      expectNoSecrets('What was sent', texts);
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const bytes = await buffer(request);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}

interface Told {
  readonly attributes?: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

const attributesOf = ({ attributes = [] }: Told) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [[kind, told] = []] = Object.entries(value);
      return [key, kind === 'intValue' ? Number(told) : told];
    }),
  );

interface OtlpSpan extends Told {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly status?: { readonly code?: number };
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

const spansIn = ({ resourceSpans }: OtlpTraces): SeenSpan[] =>
  resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map((span) => ({
      traceId: span.traceId,
      spanId: span.spanId,
      parentId: span.parentSpanId || undefined,
      name: span.name,
      startNs: BigInt(span.startTimeUnixNano),
      attributes: attributesOf(span),
      isError: span.status?.code === 2,
    }));

interface OtlpRecord {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly body: { readonly stringValue: string };
}

interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly OtlpRecord[] }[];
  }[];
}

const recordsIn = ({ resourceLogs }: OtlpLogs): SeenRecord[] =>
  resourceLogs
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    .map(({ traceId, spanId, body }) => ({ traceId, spanId, body: body.stringValue }));

interface OtlpPoint extends Told {
  readonly asInt?: string | number;
  readonly asDouble?: number;
  readonly count?: string | number;
}

interface OtlpMetric {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly histogram?: { readonly dataPoints: readonly OtlpPoint[] };
}

interface OtlpMetrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
}

const pointsIn = ({ resourceMetrics }: OtlpMetrics): SeenPoint[] =>
  resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .flatMap(({ name, sum, gauge, histogram }) =>
      [sum, gauge, histogram].flatMap((kind) =>
        (kind?.dataPoints ?? []).map((point) => ({
          name,
          attributes: attributesOf(point),
          value: Number(point.count ?? point.asInt ?? point.asDouble),
        })),
      ),
    );

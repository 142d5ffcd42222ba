/** Every setting: name, default, unit, check. The only reader of the environment; it is read once, at start. */
import * as z from 'zod';
import hostJson from '../host.json' with { type: 'json' };
import type { StorageConnection } from './storage/connection.ts';
import type { TelemetrySettings } from './telemetry/settings.ts';

/** How a pending job answers its status endpoint, by default. */
export type PendingStatus = 202 | 200 | 404;
/** How a succeeded job answers it, by default. */
export type ReplyMode = 'redirect' | 'stream' | 'link';

export interface Config {
  readonly storage: StorageConnection;
  /** What stands before `/api` in the URLs the app makes, where that is set. */
  readonly publicBaseUrl: string | undefined;
  /** Take it from X-Forwarded-* otherwise. */
  readonly trustForwardedHeaders: boolean;
  /** The platform's own name for the app: what is left without either; without this too, the request's own origin. */
  readonly hostUrl: string | undefined;
  readonly maxRequestBytes: number;
  readonly pendingStatus: PendingStatus;
  readonly replyMode: ReplyMode;
  readonly replyUrlTtlSeconds: number;
  readonly sweepPagesPerMinute: number;
  readonly maxBacklog: number;
  readonly maxWaitSeconds: number;
  readonly maxWaiters: number;
  /** Attempts on the fast path at a time; 0 where it is off. */
  readonly fastPathConcurrency: number;
  readonly uploadUrlTtlSeconds: number;
  readonly corsAllowedOrigins: readonly string[];
  readonly demoPage: boolean;
  readonly diagnosticOperations: boolean;
  /** Undefined: nothing is measured or traced. */
  readonly telemetry: TelemetrySettings | undefined;
  /** App Service authentication is on: callers are named by X-MS-CLIENT-PRINCIPAL headers. */
  readonly appServiceAuthentication: boolean;
  /** First segment of every route, from host.json. */
  readonly routePrefix: string;
  /** How many messages of a queue the host fetches at once, from host.json. */
  readonly queueBatchSize: number;
  /** While no more than these are in work it fetches more, from host.json. */
  readonly queueNewBatchThreshold: number;
  /** From host.json; undefined for no limit. */
  readonly functionTimeoutSeconds: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The platform writes `True` where people write `true`. */
const flag = (fallback: boolean) =>
  z
    .string()
    .default(String(fallback))
    .transform((text) => text.toLowerCase())
    .refine((text) => ['true', 'false', '1', '0'].includes(text), { error: 'wants true or false' })
    .transform((text) => text === 'true' || text === '1');

const whole = (fallback: number, least: number, most: number, unit: string) =>
  z
    .string()
    .default(String(fallback))
    .refine((text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `wants a whole number of ${unit} from ${least} to ${most}`,
    })
    .transform(Number);

const origin = (text: string) => text === '*' || URL.parse(text)?.origin === text;

/** Every setting but those of the storage connection, which follow the Functions convention. */
export const settings = {
  PUBLIC_BASE_URL: z
    .string()
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? '') && !/[?#]/.test(text), {
      error: 'wants an absolute http or https URL without query and fragment',
    })
    .transform((text) => text.replace(/\/+$/, ''))
    .optional()
    .describe('What stands before /api in the URLs the app makes, a path prefix included'),
  TRUST_FORWARDED_HEADERS: flag(false).describe(
    'Take scheme and host of these URLs from X-Forwarded-*, where a trusted proxy sets them',
  ),
  MAX_REQUEST_BYTES: whole(104_857_600, 1, 5_000_000_000, 'bytes').describe(
    'Longest request body; a longer one is answered 413',
  ),
  PENDING_STATUS: z
    .enum(['202', '200', '404'], { error: 'wants 202, 200 or 404' })
    .default('202')
    .transform((text) => Number(text) as PendingStatus)
    .describe('How a pending job answers its status endpoint, unless the caller says ?pending='),
  REPLY_MODE: z
    .enum(['redirect', 'stream', 'link'], { error: 'wants redirect, stream or link' })
    .default('redirect')
    .describe('How a succeeded job answers it, unless the caller says ?reply='),
  REPLY_URL_TTL_SECONDS: whole(900, 1, 86_400, 'seconds').describe('How long the URL of a reply works'),
  SWEEP_PAGES_PER_MINUTE: whole(10, 2, 100, 'pages').describe(
    'Pages of 1,000 jobs or uploads that the sweep lists a minute, to recover jobs that nobody polls and remove what is over',
  ),
  // Off: a queue holds any number, and only who deploys the app knows how long its callers would wait.
  MAX_BACKLOG: whole(0, 0, 1_000_000_000, 'messages').describe(
    'Messages in a queue beyond which a start is answered 429; 0 for no limit. Each lane has a queue',
  ),
  // The platform ends an HTTP request that has not been answered after 230 s.
  MAX_WAIT_SECONDS: whole(30, 0, 220, 'seconds').describe(
    'Longest that ?wait= and Prefer: wait= hold a request for the end of its job; 0 never',
  ),
  // Each of them may have its own job read again every 750 ms: some 330 storage transactions a second.
  MAX_WAITERS: whole(250, 0, 100_000, 'requests').describe(
    'How many requests an instance holds so at a time; beyond it the plain answer comes at once',
  ),
  FAST_PATH: flag(true).describe(
    'Run the job of a caller that waits in the instance that accepts it, at once, instead of by the queue',
  ),
  // A third of what the host delivers of a queue at once.
  FAST_PATH_CONCURRENCY: whole(8, 1, 1000, 'attempts').describe(
    'How many attempts an instance runs so at a time; beyond it jobs go by the queue',
  ),
  UPLOAD_URL_TTL_SECONDS: whole(3600, 1, 86_400, 'seconds').describe('How long the URL of an upload works'),
  CORS_ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .refine((origins) => origins.every(origin), {
      error: 'wants origins (https://app.example), comma between, or *',
    })
    .describe('Origins whose browser code may call the app, comma between; * for any'),
  DEMO_PAGE: flag(true).describe('Serve the page /api/demo, which runs jobs'),
  DIAGNOSTIC_OPERATIONS: flag(false).describe(
    'Offer the operations delay and delay-workflow, for tests and demonstrations',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
      error: 'wants an absolute http or https URL',
    })
    .optional()
    .describe('Where traces, metrics and the log are sent by OTLP over HTTP'),
} as const;

/** What the platform sets. */
const platform = {
  WEBSITE_HOSTNAME: z.string().optional(),
  WEBSITE_SITE_NAME: z.string().default('azure-functions-request-reply'),
  WEBSITE_INSTANCE_ID: z.string().optional(),
  APPLICATIONINSIGHTS_CONNECTION_STRING: z
    .string()
    .refine((text) => /(^|;)\s*InstrumentationKey=[0-9a-f-]{36}\s*(;|$)/i.test(text), {
      error: 'wants InstrumentationKey=…;IngestionEndpoint=…, as Application Insights gives it',
    })
    .optional(),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z
    .string()
    .refine((text) => /(^|;)\s*Authorization=AAD\s*(;|$)/i.test(text), {
      error: 'wants Authorization=AAD, with ClientId=… for a user-assigned identity',
    })
    .optional(),
  AZURE_FUNCTIONS_ENVIRONMENT: z.string().optional(),
  WEBSITE_AUTH_ENABLED: flag(false),
  AzureFunctionsJobHost__functionTimeout: z.string().optional(),
  AzureFunctionsJobHost__extensions__http__routePrefix: z.string().optional(),
  AzureFunctionsJobHost__extensions__queues__batchSize: whole(
    hostJson.extensions.queues.batchSize,
    1,
    32,
    'messages',
  ),
  AzureFunctionsJobHost__extensions__queues__newBatchThreshold: whole(
    hostJson.extensions.queues.newBatchThreshold,
    0,
    1000,
    'messages',
  ),
};

/** A setting that the app cannot start with. */
export class ConfigurationError extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'ConfigurationError';
    // Where it was found helps nobody who reads the host's log: the message names what to change.
    this.stack = `${this.name}: ${detail}`;
  }
}

/** Throws ConfigurationError naming each setting that is wrong, what it wants and what it got. */
export function loadConfig(environment: Environment = process.env): Config {
  // An app setting that is there but empty means the same as none.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = z.object({ ...settings, ...platform }).safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `${name} ${message}, got ${JSON.stringify(given[name])}`;
    });
    throw new ConfigurationError(faults.join('; '));
  }
  const values = parsed.data;
  return {
    storage: storageConnection(given),
    publicBaseUrl: values.PUBLIC_BASE_URL,
    hostUrl: hostUrl(values.WEBSITE_HOSTNAME, values.AZURE_FUNCTIONS_ENVIRONMENT),
    trustForwardedHeaders: values.TRUST_FORWARDED_HEADERS,
    maxRequestBytes: values.MAX_REQUEST_BYTES,
    pendingStatus: values.PENDING_STATUS,
    replyMode: values.REPLY_MODE,
    replyUrlTtlSeconds: values.REPLY_URL_TTL_SECONDS,
    sweepPagesPerMinute: values.SWEEP_PAGES_PER_MINUTE,
    maxBacklog: values.MAX_BACKLOG,
    maxWaitSeconds: values.MAX_WAIT_SECONDS,
    maxWaiters: values.MAX_WAITERS,
    fastPathConcurrency: values.FAST_PATH ? values.FAST_PATH_CONCURRENCY : 0,
    uploadUrlTtlSeconds: values.UPLOAD_URL_TTL_SECONDS,
    corsAllowedOrigins: values.CORS_ALLOWED_ORIGINS,
    demoPage: values.DEMO_PAGE,
    diagnosticOperations: values.DIAGNOSTIC_OPERATIONS,
    telemetry: telemetrySettings(values),
    appServiceAuthentication: values.WEBSITE_AUTH_ENABLED,
    routePrefix:
      values.AzureFunctionsJobHost__extensions__http__routePrefix ?? hostJson.extensions.http.routePrefix,
    queueBatchSize: values.AzureFunctionsJobHost__extensions__queues__batchSize,
    queueNewBatchThreshold: values.AzureFunctionsJobHost__extensions__queues__newBatchThreshold,
    functionTimeoutSeconds: timespanSeconds(
      values.AzureFunctionsJobHost__functionTimeout ?? hostJson.functionTimeout,
    ),
  };
}

interface TelemetryValues {
  readonly APPLICATIONINSIGHTS_CONNECTION_STRING?: string | undefined;
  readonly APPLICATIONINSIGHTS_AUTHENTICATION_STRING?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly WEBSITE_SITE_NAME: string;
  readonly WEBSITE_INSTANCE_ID?: string | undefined;
}

function telemetrySettings(values: TelemetryValues): TelemetrySettings | undefined {
  const connectionString = values.APPLICATIONINSIGHTS_CONNECTION_STRING;
  const sendsToOtlp = values.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined;
  if (connectionString === undefined && !sendsToOtlp) return undefined;
  const authentication = values.APPLICATIONINSIGHTS_AUTHENTICATION_STRING;
  const clientId = /(?:^|;)\s*ClientId=([^;]+)/i.exec(authentication ?? '')?.[1]?.trim();
  return {
    connectionString,
    identity: authentication === undefined ? undefined : { clientId },
    sendsToOtlp,
    serviceName: values.WEBSITE_SITE_NAME,
    instanceId: values.WEBSITE_INSTANCE_ID,
  };
}

function hostUrl(hostname: string | undefined, environment: string | undefined): string | undefined {
  if (hostname === undefined) return undefined;
  return `${environment === 'Development' ? 'http' : 'https'}://${hostname}`;
}

/** `hh:mm:ss` or `d.hh:mm:ss`; `-1` is no limit. */
function timespanSeconds(text: string): number | undefined {
  if (text === '-1') return undefined;
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})$/.exec(text);
  if (match === null)
    throw new ConfigurationError(`functionTimeout wants hh:mm:ss, got ${JSON.stringify(text)}`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** Names an account, one way or another; what else is wrong with it the SDK says. */
const CONNECTION_STRING = /(?:^|;)\s*(?:AccountName=[^;]|BlobEndpoint=[^;]|UseDevelopmentStorage=true)/i;

/** `JobStorage`, by connection string or by identity; without any of it `AzureWebJobsStorage`, in the same forms. */
function storageConnection(given: Environment): StorageConnection {
  for (const name of ['JobStorage', 'AzureWebJobsStorage']) {
    const setting = (part: string) => given[`${name}__${part}`];
    const connectionString = given[name];
    if (connectionString !== undefined) {
      if (!CONNECTION_STRING.test(connectionString)) {
        // What it got may hold a key.
        throw new ConfigurationError(
          `${name} wants the connection string of a storage account (…;AccountName=…;AccountKey=…) or UseDevelopmentStorage=true`,
        );
      }
      return { kind: 'connection-string', name, connectionString };
    }
    const account = setting('accountName');
    const blobServiceUri =
      setting('blobServiceUri') ?? (account && `https://${account}.blob.core.windows.net`);
    const queueServiceUri =
      setting('queueServiceUri') ?? (account && `https://${account}.queue.core.windows.net`);
    if (blobServiceUri === undefined && queueServiceUri === undefined) continue;
    if (blobServiceUri === undefined || queueServiceUri === undefined) {
      const missing = blobServiceUri === undefined ? 'blobServiceUri' : 'queueServiceUri';
      throw new ConfigurationError(`${name}__${missing} is missing: the app needs blobs and queues`);
    }
    return {
      kind: 'identity',
      name,
      blobServiceUri,
      queueServiceUri,
      clientId: setting('clientId'),
      isManagedIdentity: setting('credential')?.toLowerCase() === 'managedidentity',
    };
  }
  throw new ConfigurationError(
    'JobStorage or AzureWebJobsStorage is missing: a connection string, or __accountName for a managed identity',
  );
}

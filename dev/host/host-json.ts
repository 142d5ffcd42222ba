/**
 * host.json: the one place where the host is set. A setting that this host does not know, or a bad value, stops it:
 * the same file is deployed, and a typo there would otherwise be met in production.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { timespanMs } from './timespan.ts';

/** A setting is missing, unknown or bad. `message` is one line for whoever started the host. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

const OVERRIDE_PREFIX = 'AzureFunctionsJobHost__';

const timespan = (wants: string, allows: (ms: number) => boolean = () => true) =>
  z
    .string(wants)
    .refine((text) => {
      const ms = timespanMs(text);
      return ms !== undefined && allows(ms);
    }, wants)
    .transform((text) => timespanMs(text) ?? 0);
const whole = (min: number, max: number) => {
  const wants = `a whole number from ${min} to ${max}`;
  return z.int(wants).min(min, wants).max(max, wants);
};
const requestLimitWants = 'a whole number from 1, or -1 for no limit';
const requestLimit = z
  .int(requestLimitWants)
  .refine((limit) => limit === -1 || limit >= 1, requestLimitWants);
const logLevel = z.string().regex(/^(trace|debug|information|warning|error|critical|none)$/i, {
  error: 'one of Trace, Debug, Information, Warning, Error, Critical, None',
});
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

const queues = z.strictObject({
  batchSize: whole(1, 32).default(16),
  newBatchThreshold: whole(0, 1_000).optional(),
  maxDequeueCount: whole(1, 1_000).default(5),
  visibilityTimeout: timespan('a time span up to seven days, hh:mm:ss', (ms) => ms <= WEEK_MS).prefault(
    '00:00:00',
  ),
  maxPollingInterval: timespan('a time span of at least 100 ms, hh:mm:ss', (ms) => ms >= 100).optional(),
  messageEncoding: z.enum(['base64', 'none'], 'base64 or none').default('base64'),
});

const http = z.strictObject({
  routePrefix: z.string('a string').default('api'),
  maxConcurrentRequests: requestLimit.default(-1),
  maxOutstandingRequests: requestLimit.default(-1),
});

const visibilityTimeout = (fallback: string) =>
  timespan('a time span over 0 up to seven days, hh:mm:ss', (ms) => ms > 0 && ms <= WEEK_MS).prefault(
    fallback,
  );
const concurrency = whole(1, 10_000).default(10 * availableParallelism());

const durableTask = z.strictObject({
  hubName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{2,44}$/, 'letters and digits, the first a letter, 3 to 45 of them')
    .default('TestHubName'),
  maxConcurrentActivityFunctions: concurrency,
  maxConcurrentOrchestratorFunctions: concurrency,
  useGracefulShutdown: z.boolean('true or false').default(false),
  storageProvider: z
    .strictObject({
      controlQueueVisibilityTimeout: visibilityTimeout('00:05:00'),
      workItemQueueVisibilityTimeout: visibilityTimeout('00:05:00'),
      // How the real engine looks for work; this one has no queues to look into.
      maxQueuePollingInterval: timespan('a time span over 0, hh:mm:ss', (ms) => ms > 0).optional(),
      partitionCount: whole(1, 16).optional(),
      useTablePartitionManagement: z.boolean('true or false').optional(),
    })
    .prefault({}),
});

const schema = z.strictObject(
  {
    $schema: z.string().optional(),
    version: z.literal('2.0', '"2.0"'),
    functionTimeout: z
      .union([z.literal('-1').transform(() => undefined), timespan('a time span over 0', (ms) => ms > 0)], {
        error: 'a time span over 0, hh:mm:ss, or "-1" for no limit',
      })
      .prefault('00:30:00'),
    logging: z
      .strictObject({
        logLevel: z.record(z.string(), logLevel).default({}),
        // Says how telemetry is sent to Azure, which this host does not do.
        applicationInsights: z.looseObject({}).optional(),
      })
      .prefault({}),
    telemetryMode: z.enum(['OpenTelemetry', 'ApplicationInsights']).optional(),
    extensions: z
      .strictObject({
        http: http.prefault({}),
        queues: queues.prefault({}),
        durableTask: durableTask.prefault({}),
      })
      .prefault({}),
    // Names the .NET extensions that the real host loads; what they do is built in here.
    extensionBundle: z.strictObject({ id: z.string(), version: z.string() }).optional(),
  },
  'an object',
);

/** host.json with its defaults. Time spans are in milliseconds; `functionTimeout` undefined is no limit. */
export type HostJson = z.output<typeof schema>;

/**
 * Reads host.json and applies the app settings that override it (`AzureFunctionsJobHost__a__b`).
 * @param content instead of the file.
 * @throws {SettingError} naming the setting, its value and what it wants.
 */
export function readHostJson(
  appDir: string,
  settings: Readonly<Record<string, string>>,
  content: object = fileContent(join(appDir, 'host.json')),
): HostJson {
  const json = structuredClone(content) as Record<string, unknown>;
  for (const [name, value] of Object.entries(settings)) {
    if (name.startsWith(OVERRIDE_PREFIX))
      override(json, name.slice(OVERRIDE_PREFIX.length).split('__'), value);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new SettingError(describe(result.error.issues[0], json));
}

function fileContent(file: string): object {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingError(`${file} could not be read: ${(error as Error).message}`);
  }
}

/** Names in app settings are case-insensitive, so an existing key is found whatever its case. */
function override(json: Record<string, unknown>, path: string[], value: string): void {
  const [name = '', ...rest] = path;
  const key = Object.keys(json).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
  if (rest.length === 0) {
    const literal = /^(-?\d+|true|false)$/i.test(value) && !/^functionTimeout$/i.test(key);
    json[key] = literal ? JSON.parse(value.toLowerCase()) : value;
    return;
  }
  const child = json[key];
  json[key] = typeof child === 'object' && child !== null ? child : {};
  override(json[key] as Record<string, unknown>, rest, value);
}

function describe(issue: z.core.$ZodIssue | undefined, json: unknown): string {
  if (issue === undefined) return 'host.json is not valid.';
  if (issue.code === 'unrecognized_keys') {
    const setting = [...issue.path, issue.keys[0]].join('.');
    return `host.json: ${setting} is not a setting that the local host knows.`;
  }
  const setting = issue.path.join('.');
  const value = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  return `host.json: ${setting} is ${JSON.stringify(value) ?? 'not set'}; it wants ${issue.message}.`;
}

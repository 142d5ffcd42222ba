import { describe, expect, test } from '@jest/globals';
import hostJson from '../host.json' with { type: 'json' };
import { type Config, ConfigurationError, loadConfig } from '../src/config.ts';

const STORAGE = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
const INSIGHTS =
  'InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=https://x.example/';
const load = (environment: Record<string, string | undefined> = {}) =>
  loadConfig({ ...STORAGE, ...environment });

function faultOf(environment: Record<string, string | undefined>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
  }
  throw new Error('was not refused');
}

test('a storage connection is all that has to be set', () => {
  const defaults: Config = {
    storage: {
      kind: 'connection-string',
      name: 'AzureWebJobsStorage',
      connectionString: 'UseDevelopmentStorage=true',
    },
    publicBaseUrl: undefined,
    hostUrl: undefined,
    trustForwardedHeaders: false,
    maxRequestBytes: 100 * 1024 * 1024,
    pendingStatus: 202,
    replyMode: 'redirect',
    replyUrlTtlSeconds: 900,
    sweepPagesPerMinute: 10,
    maxBacklog: 0,
    maxWaitSeconds: 30,
    maxWaiters: 250,
    fastPathConcurrency: 8,
    uploadUrlTtlSeconds: 3600,
    corsAllowedOrigins: [],
    demoPage: true,
    diagnosticOperations: false,
    telemetry: undefined,
    appServiceAuthentication: false,
    routePrefix: 'api',
    queueBatchSize: hostJson.extensions.queues.batchSize,
    queueNewBatchThreshold: hostJson.extensions.queues.newBatchThreshold,
    functionTimeoutSeconds: 1800,
  };
  expect(load()).toEqual(defaults);
});

describe('a setting is read', () => {
  const cases: [string, string, keyof Config, unknown][] = [
    ['PUBLIC_BASE_URL', 'https://api.example/work/', 'publicBaseUrl', 'https://api.example/work'],
    ['PUBLIC_BASE_URL', 'http://127.0.0.1:7071', 'publicBaseUrl', 'http://127.0.0.1:7071'],
    ['TRUST_FORWARDED_HEADERS', 'true', 'trustForwardedHeaders', true],
    ['TRUST_FORWARDED_HEADERS', '0', 'trustForwardedHeaders', false],
    ['MAX_REQUEST_BYTES', '1', 'maxRequestBytes', 1],
    ['MAX_REQUEST_BYTES', '5000000000', 'maxRequestBytes', 5_000_000_000],
    ['PENDING_STATUS', '404', 'pendingStatus', 404],
    ['REPLY_MODE', 'link', 'replyMode', 'link'],
    ['REPLY_URL_TTL_SECONDS', '86400', 'replyUrlTtlSeconds', 86_400],
    ['MAX_BACKLOG', '5000', 'maxBacklog', 5000],
    ['MAX_WAIT_SECONDS', '220', 'maxWaitSeconds', 220],
    ['MAX_WAITERS', '0', 'maxWaiters', 0],
    ['FAST_PATH', 'false', 'fastPathConcurrency', 0],
    ['FAST_PATH_CONCURRENCY', '3', 'fastPathConcurrency', 3],
    ['UPLOAD_URL_TTL_SECONDS', '60', 'uploadUrlTtlSeconds', 60],
    ['CORS_ALLOWED_ORIGINS', '*', 'corsAllowedOrigins', ['*']],
    [
      'CORS_ALLOWED_ORIGINS',
      ' https://a.example, http://localhost:3000,',
      'corsAllowedOrigins',
      ['https://a.example', 'http://localhost:3000'],
    ],
    ['DEMO_PAGE', 'False', 'demoPage', false],
    ['DIAGNOSTIC_OPERATIONS', '1', 'diagnosticOperations', true],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'http://127.0.0.1:4318',
      'telemetry',
      expect.objectContaining({ sendsToOtlp: true, connectionString: undefined, identity: undefined }),
    ],
    [
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
      INSIGHTS,
      'telemetry',
      expect.objectContaining({ sendsToOtlp: false, connectionString: INSIGHTS, identity: undefined }),
    ],
    ['APPLICATIONINSIGHTS_AUTHENTICATION_STRING', 'Authorization=AAD', 'telemetry', undefined],
    ['WEBSITE_AUTH_ENABLED', 'true', 'appServiceAuthentication', true],
    ['AzureFunctionsJobHost__extensions__http__routePrefix', 'v1', 'routePrefix', 'v1'],
    ['AzureFunctionsJobHost__extensions__queues__batchSize', '4', 'queueBatchSize', 4],
    ['AzureFunctionsJobHost__extensions__queues__newBatchThreshold', '0', 'queueNewBatchThreshold', 0],
  ];
  test.each(cases)('%s=%s', (name, value, field, expected) => {
    expect(load({ [name]: value })[field]).toEqual(expected);
  });

  // App Service writes True, and so does Bicep for a boolean.
  test.each(['TRUST_FORWARDED_HEADERS', 'DIAGNOSTIC_OPERATIONS', 'WEBSITE_AUTH_ENABLED'])(
    '%s in whatever case it is written',
    (name) => {
      expect(load({ [name]: 'True' })).toEqual(load({ [name]: 'true' }));
      expect(load({ [name]: 'FALSE' })).toEqual(load({ [name]: 'false' }));
    },
  );

  test('that is empty as one that is not there', () => {
    expect(load({ MAX_REQUEST_BYTES: '', PUBLIC_BASE_URL: '', JobStorage: '' })).toEqual(load());
  });
});

describe('a bad value is named with what is wanted and what was got', () => {
  test.each([
    ['PUBLIC_BASE_URL', 'api.example', 'an absolute http or https URL'],
    ['PUBLIC_BASE_URL', 'ftp://api.example', 'an absolute http or https URL'],
    ['PUBLIC_BASE_URL', 'https://api.example?x=1', 'without query and fragment'],
    ['TRUST_FORWARDED_HEADERS', 'yes', 'true or false'],
    ['MAX_REQUEST_BYTES', '0', 'a whole number of bytes from 1 to 5000000000'],
    ['MAX_REQUEST_BYTES', '5000000001', 'a whole number of bytes'],
    ['MAX_REQUEST_BYTES', '100MB', 'a whole number of bytes'],
    ['PENDING_STATUS', '204', '202, 200 or 404'],
    ['REPLY_MODE', 'Redirect', 'redirect, stream or link'],
    ['REPLY_URL_TTL_SECONDS', '-5', 'a whole number of seconds from 1 to 86400'],
    ['REPLY_URL_TTL_SECONDS', '1.5', 'a whole number of seconds'],
    ['CORS_ALLOWED_ORIGINS', 'https://a.example/', 'origins'],
    ['CORS_ALLOWED_ORIGINS', 'https://a.example,a.example', 'origins'],
    ['DIAGNOSTIC_OPERATIONS', 'on', 'true or false'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'an absolute http or https URL'],
    ['APPLICATIONINSIGHTS_CONNECTION_STRING', 'InstrumentationKey=none', 'as Application Insights gives it'],
    ['APPLICATIONINSIGHTS_AUTHENTICATION_STRING', 'ClientId=x', 'Authorization=AAD'],
    // Taken for false it would show everybody's jobs to everybody.
    ['WEBSITE_AUTH_ENABLED', 'maybe', 'true or false'],
  ])('%s=%s', (name, value, wants) => {
    const fault = faultOf({ ...STORAGE, [name]: value });
    expect(fault).toContain(`${name} wants`);
    expect(fault).toContain(wants);
    expect(fault).toContain(`got ${JSON.stringify(value)}`);
  });

  test('and so is every other one', () => {
    const fault = faultOf({ ...STORAGE, REPLY_MODE: 'mail', PENDING_STATUS: '500' });
    expect(fault).toContain('REPLY_MODE wants');
    expect(fault).toContain('PENDING_STATUS wants');
  });
});

test('Application Insights is written to by the identity that is named', () => {
  const telemetry = (authentication: string) =>
    load({
      APPLICATIONINSIGHTS_CONNECTION_STRING: INSIGHTS,
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: authentication,
    }).telemetry;
  expect(telemetry('Authorization=AAD')?.identity).toEqual({ clientId: undefined });
  expect(telemetry('ClientId=1-2;Authorization=AAD')?.identity).toEqual({ clientId: '1-2' });
});

describe('the host of the platform', () => {
  test('is reached by https', () => {
    expect(load({ WEBSITE_HOSTNAME: 'app.azurewebsites.net' }).hostUrl).toBe('https://app.azurewebsites.net');
  });

  test('is reached by http in Development', () => {
    const environment = {
      WEBSITE_HOSTNAME: 'localhost:7071',
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    };
    expect(load(environment).hostUrl).toBe('http://localhost:7071');
  });
});

describe('the storage connection', () => {
  const storage = (environment: Record<string, string>) => loadConfig(environment).storage;
  const identity = {
    kind: 'identity',
    name: 'JobStorage',
    blobServiceUri: 'https://acc.blob.core.windows.net',
    queueServiceUri: 'https://acc.queue.core.windows.net',
    clientId: undefined,
    isManagedIdentity: false,
  };

  test.each(['JobStorage', 'AzureWebJobsStorage'])(
    'a text in %s that names no account is refused unshown',
    (name) => {
      const fault = faultOf({ [name]: 'AccountKey=a-secret' });
      expect(fault).toContain(`${name} wants the connection string of a storage account`);
      expect(fault).not.toContain('a-secret');
    },
  );

  test('JobStorage as a connection string counts before AzureWebJobsStorage', () => {
    expect(storage({ ...STORAGE, JobStorage: 'AccountName=acc' })).toEqual({
      kind: 'connection-string',
      name: 'JobStorage',
      connectionString: 'AccountName=acc',
    });
  });

  test('an account name stands for the services of the public cloud', () => {
    expect(storage({ ...STORAGE, JobStorage__accountName: 'acc' })).toEqual(identity);
  });

  test('services named one by one, as in another cloud or behind a private endpoint', () => {
    const uris = {
      JobStorage__blobServiceUri: 'https://acc.blob.core.chinacloudapi.cn',
      JobStorage__queueServiceUri: 'https://acc.queue.core.chinacloudapi.cn',
    };
    expect(storage({ ...STORAGE, ...uris })).toEqual({
      ...identity,
      blobServiceUri: uris.JobStorage__blobServiceUri,
      queueServiceUri: uris.JobStorage__queueServiceUri,
    });
  });

  test('a managed identity, system-assigned or by its client id', () => {
    const credential = { JobStorage__accountName: 'acc', JobStorage__credential: 'managedidentity' };
    expect(storage(credential)).toEqual({ ...identity, isManagedIdentity: true });
    expect(storage({ ...credential, JobStorage__clientId: 'c1' })).toEqual({
      ...identity,
      isManagedIdentity: true,
      clientId: 'c1',
    });
  });

  test('AzureWebJobsStorage takes the same forms', () => {
    expect(storage({ AzureWebJobsStorage__accountName: 'acc' })).toEqual({
      ...identity,
      name: 'AzureWebJobsStorage',
    });
  });

  test.each([
    ['blobServiceUri', 'queueServiceUri'],
    ['queueServiceUri', 'blobServiceUri'],
  ])('%s alone will not do, and the other one is named', (given, missing) => {
    expect(faultOf({ ...STORAGE, [`JobStorage__${given}`]: 'https://acc.example' })).toContain(
      `JobStorage__${missing} is missing`,
    );
  });

  test('none at all is a fault that names both', () => {
    expect(faultOf({})).toContain('JobStorage or AzureWebJobsStorage is missing');
  });
});

describe('functionTimeout', () => {
  const seconds = (text: string) =>
    load({ AzureFunctionsJobHost__functionTimeout: text }).functionTimeoutSeconds;

  test('is taken from host.json', () => {
    expect(load().functionTimeoutSeconds).toBe(seconds(hostJson.functionTimeout));
  });

  test.each([
    ['00:10:00', 600],
    ['1:02:03', 3723],
    ['1.00:00:00', 86_400],
    ['10.01:00:01', 867_601],
    ['-1', undefined],
  ])('%s is %s seconds', (text, expected) => {
    expect(seconds(text)).toBe(expected);
  });

  test.each(['600', '00:10', '10 minutes', '00:10:00:00', '-00:10:00'])(
    "'%s' is refused with what is wanted",
    (text) => {
      expect(faultOf({ ...STORAGE, AzureFunctionsJobHost__functionTimeout: text })).toBe(
        `functionTimeout wants hh:mm:ss, got "${text}"`,
      );
    },
  );
});

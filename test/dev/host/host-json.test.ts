/** host.json: defaults, overrides by app settings, and one clear line for everything that will not do. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readHostJson } from '../../../dev/host/host-json.ts';
import { timespanMs } from '../../../dev/host/timespan.ts';

const read = (content: object, settings: Record<string, string> = {}) => readHostJson('/', settings, content);
const queues = (settings: object) => ({ version: '2.0', extensions: { queues: settings } });

test("the real host's defaults stand where nothing is set", () => {
  const { functionTimeout, extensions } = read({ version: '2.0' });
  expect(functionTimeout).toBe(30 * 60_000);
  expect(extensions).toEqual({
    http: { routePrefix: 'api', maxConcurrentRequests: -1, maxOutstandingRequests: -1 },
    queues: { batchSize: 16, maxDequeueCount: 5, visibilityTimeout: 0, messageEncoding: 'base64' },
    durableTask: {
      hubName: 'TestHubName',
      maxConcurrentActivityFunctions: 10 * availableParallelism(),
      maxConcurrentOrchestratorFunctions: 10 * availableParallelism(),
      useGracefulShutdown: false,
      storageProvider: {
        controlQueueVisibilityTimeout: 300_000,
        workItemQueueVisibilityTimeout: 300_000,
      },
    },
  });
});

test("this repository's own host.json will do", () => {
  expect(readHostJson(join(__dirname, '../../..'), {}).extensions.queues.batchSize).toBeGreaterThan(0);
});

test('a functionTimeout of -1 is none', () => {
  expect(read({ version: '2.0', functionTimeout: '-1' }).functionTimeout).toBeUndefined();
});

describe('app settings', () => {
  test('override it, whatever the case of their names', () => {
    const content = { version: '2.0', functionTimeout: '00:10:00', extensions: { queues: { batchSize: 2 } } };
    const read = readHostJson(
      '/',
      {
        AzureFunctionsJobHost__extensions__QUEUES__batchsize: '7',
        AzureFunctionsJobHost__functionTimeout: '-1',
        AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
      },
      content,
    );
    expect(read.extensions.queues.batchSize).toBe(7);
    expect(read.functionTimeout).toBeUndefined();
    expect(read.logging.logLevel).toEqual({ default: 'Warning' });
    expect(content.extensions.queues.batchSize).toBe(2);
  });

  test('are checked like the file', () => {
    expect(() =>
      read({ version: '2.0' }, { AzureFunctionsJobHost__extensions__queues__batchSize: 'many' }),
    ).toThrow('host.json: extensions.queues.batchSize is "many"; it wants a whole number from 1 to 32.');
  });
});

test.each([
  [{}, 'host.json: version is not set; it wants "2.0".'],
  [
    { version: '2.0', managedDependency: {} },
    'host.json: managedDependency is not a setting that the local host knows.',
  ],
  [
    queues({ batchsize: 4 }),
    'host.json: extensions.queues.batchsize is not a setting that the local host knows.',
  ],
  [
    queues({ batchSize: 64 }),
    'host.json: extensions.queues.batchSize is 64; it wants a whole number from 1 to 32.',
  ],
  [
    queues({ batchSize: 1.5 }),
    'host.json: extensions.queues.batchSize is 1.5; it wants a whole number from 1 to 32.',
  ],
  [
    queues({ messageEncoding: 'utf8' }),
    'host.json: extensions.queues.messageEncoding is "utf8"; it wants base64 or none.',
  ],
  [
    queues({ visibilityTimeout: '30' }),
    'host.json: extensions.queues.visibilityTimeout is "30"; it wants a time span up to seven days, hh:mm:ss.',
  ],
  [
    queues({ maxPollingInterval: '00:00:00.05' }),
    'host.json: extensions.queues.maxPollingInterval is "00:00:00.05"; it wants a time span of at least 100 ms, hh:mm:ss.',
  ],
  [
    { version: '2.0', functionTimeout: 30 },
    'host.json: functionTimeout is 30; it wants a time span over 0, hh:mm:ss, or "-1" for no limit.',
  ],
  [
    { version: '2.0', functionTimeout: '00:00:00' },
    'host.json: functionTimeout is "00:00:00"; it wants a time span over 0, hh:mm:ss, or "-1" for no limit.',
  ],
  [
    { version: '2.0', extensions: { http: { maxConcurrentRequests: 0 } } },
    'host.json: extensions.http.maxConcurrentRequests is 0; it wants a whole number from 1, or -1 for no limit.',
  ],
  [
    { version: '2.0', logging: { logLevel: { default: 'Loud' } } },
    'host.json: logging.logLevel.default is "Loud"; it wants one of Trace, Debug, Information, Warning, Error, Critical, None.',
  ],
])('%j says "%s"', (content, message) => {
  expect(() => read(content)).toThrow(new Error(message));
});

test('a file that is not there or not JSON is named', () => {
  expect(() => readHostJson('/nowhere', {})).toThrow(/^\/nowhere\/host.json could not be read: /);
});

test.each([
  ['00:00:30', 30_000],
  ['00:00:00.1', 100],
  ['1.02:03:04', 93_784_000],
  ['24:00:00', undefined],
  ['00:60:00', undefined],
  ['30', undefined],
])('the time span %s is %p ms', (text, ms) => {
  expect(timespanMs(text)).toBe(ms);
});

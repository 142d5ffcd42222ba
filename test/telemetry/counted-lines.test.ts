/** Every metric of the catalogue is fed, by the line of the log that it counts, with the attributes that the catalogue names. */
import { expect, test } from '@jest/globals';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { measureQueues } from '../../src/jobs/measure-queues.ts';
import type { JobQueue } from '../../src/jobs/ports.ts';
import { type Log, listenToLogs, logs } from '../../src/logs.ts';
import { attributes, metrics } from '../../src/telemetry/catalogue.ts';
import { hostSpanOf, parentOfRequest } from '../../src/telemetry/invocation-trace.ts';
import { countedLines } from '../../src/telemetry/open-telemetry/counted-lines.ts';

const nowhere: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const job = { ref: 'a-ref', operation: 'csv-profile', attempt: 2 };
const end = { ...job, ageMs: 4000 };
const why = new Error('why');
const putAt = new Date('2026-11-25T12:00:00Z');
const queue: Pick<JobQueue, 'count' | 'peek'> = {
  count: async (lane) => (lane === 'slow' ? Promise.reject(why) : 7),
  peek: async () => ({ job: 'a-ref', putAt }),
};
const LANES = [undefined, 'slow'];

/** Points by metric: what each was told apart by, and what it came to. */
async function measured(say: () => Promise<void>) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  const described: object[] = [];
  const listener = countedLines({
    meter: provider.getMeter('test'),
    tracer: { describe: (told) => described.push(told) },
    laneOf: () => 'slow',
    waiterCount: () => 3,
  });
  listenToLogs(listener);
  try {
    await say();
    await provider.forceFlush();
  } finally {
    listenToLogs({});
    await provider.shutdown();
  }
  const points = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes: told, value }) => ({
        name: descriptor.name,
        told,
        value: typeof value === 'number' ? value : value.sum,
      })),
    );
  return { points, described };
}

test('every line that counts is counted, by what the catalogue names and nothing else', async () => {
  const { points, described } = await measured(async () => {
    logs.jobAccepted(nowhere, { ...job, attempt: 1 });
    logs.attemptStarted(nowhere, { ...job, dequeueCount: 1, waitedMs: 1500, isAfterLoss: true });
    logs.attemptFailed(nowhere, { ...job, nextAttemptInSeconds: 1 }, why);
    logs.attemptHandedBack(nowhere, job);
    logs.attemptsLost(nowhere, { ...job, lost: 1, nextAttemptInSeconds: 0 });
    logs.messagePutAgain(nowhere, { ...job, recovered: 1 });
    logs.jobSucceeded(nowhere, { ...end, durationMs: 1, replyBytes: 1 });
    logs.jobFailed(nowhere, { ...end, code: 'attempts-exhausted', attemptWas: 'not begun' });
    logs.jobCanceled(nowhere, end);
    logs.poisonDecided(nowhere, { ref: job.ref, act: 'return' });
    logs.requestFailed(nowhere, { function: 'health' }, why);
    logs.requestUnserved(nowhere, { function: 'health' }, why);
    logs.jobsSwept(nowhere, { pages: 1, items: 0, removed: 0, recovered: 0, isRoundComplete: true });
    await measureQueues(
      queue,
      LANES,
      { now: () => new Date(putAt.getTime() + 90_000) },
      (lane) => lane ?? 'common',
    )(nowhere);
  });

  const sums = Object.fromEntries(
    points.map(({ name, told, value }) => [
      [name, told[attributes.outcome]].filter(Boolean).join(' '),
      value,
    ]),
  );
  expect(sums).toEqual({
    'request_reply.job.accepted': 1,
    'request_reply.job.queue_age': 1.5,
    'request_reply.attempt.started': 1,
    'request_reply.attempt.ended lost': 2,
    'request_reply.attempt.ended tried_again': 1,
    'request_reply.attempt.ended handed_back': 1,
    'request_reply.attempt.ended succeeded': 1,
    'request_reply.job.recovered next_attempt': 2,
    'request_reply.job.recovered message_put_again': 1,
    'request_reply.job.ended succeeded': 1,
    'request_reply.job.ended failed': 1,
    'request_reply.job.ended canceled': 1,
    'request_reply.job.duration succeeded': 4,
    'request_reply.job.duration failed': 4,
    'request_reply.job.duration canceled': 4,
    'request_reply.poison.messages': 1,
    'request_reply.request.failed failed': 1,
    'request_reply.request.failed unserved': 1,
    'request_reply.sweep.ended': 1,
    'request_reply.request.waiting': 3,
    // Of the one queue that could be measured.
    'request_reply.queue.messages': 7,
    'request_reply.queue.front_age': 90,
  });
  for (const { name, told } of points) {
    const metric = Object.values(metrics).find((known) => known.name === name);
    expect(Object.keys(told).toSorted()).toEqual(metric?.attributes.map((key) => attributes[key]).toSorted());
  }
  expect(new Set(points.map(({ name }) => name))).toEqual(
    new Set(Object.values(metrics).map(({ name }) => name)),
  );
  expect(described).toContainEqual(
    expect.objectContaining({
      [attributes.ref]: job.ref,
      [attributes.attempt]: 2,
      [attributes.outcome]: 'succeeded',
    }),
  );
});

test('a queue that storage cannot tell of is said to be so, and the others are measured', async () => {
  const said: string[] = [];
  const log = {
    ...nowhere,
    info: (line: string) => said.push(line),
    warn: (line: string) => said.push(line),
  };
  await measureQueues(queue, LANES.toReversed(), { now: () => putAt }, (lane) => lane ?? 'common')(log);
  expect(said).toEqual([
    'queue not measured {"lane":"slow","error":"why"}',
    'queue measured {"lane":"common","messages":7,"frontAgeMs":0}',
  ]);
});

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, tracestate: 'vendor=1' };
const HOST = `00-${TRACE}-1111111111111111-01`;
const STRANGER = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1111111111111111-01';
const invocation = (traceParent?: string) => ({
  traceContext: traceParent === undefined ? undefined : { traceParent },
});

test.each([
  ['the caller, where the host makes no spans', CALLER, undefined, CALLER],
  ['the caller, where what the host says is empty', CALLER, '', CALLER],
  ["the host's span, where it is of the caller's trace", CALLER, HOST, { ...CALLER, traceparent: HOST }],
  ['the caller, where the host is at another trace', CALLER, STRANGER, CALLER],
  ["the host's span, where the caller has none", {}, STRANGER, { traceparent: STRANGER }],
  ['nobody, where neither has one', {}, undefined, {}],
])('the parent of a request is %s', (_, caller, host, parent) => {
  expect(parentOfRequest(caller, invocation(host))).toEqual(parent);
  expect(hostSpanOf(invocation(host))).toBe(host || undefined);
});

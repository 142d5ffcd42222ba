/** What is measured: a number of log lines, or a number in them. So metrics and log cannot say different things. */
import type { Meter } from '@opentelemetry/api';
import type { LogListener } from '../../logs.ts';
import { attributes, type Metric, type MetricKey, metrics } from '../catalogue.ts';
import type { Attributes, Tracer } from '../tracing.ts';

export interface CountedLinesDependencies {
  readonly meter: Meter;
  readonly tracer: Pick<Tracer, 'describe'>;
  /** The name of the lane that an operation's jobs wait in. */
  readonly laneOf: (operation: string) => string;
  /** HTTP requests that wait now for the end of their job. */
  readonly waiterCount: () => number;
}

/** What lines about a job say of it. */
interface JobSaid {
  readonly ref: string;
  readonly operation: string;
  readonly attempt: number;
}

export function countedLines(dependencies: CountedLinesDependencies): LogListener {
  const { meter, tracer, laneOf, waiterCount } = dependencies;
  const record = recorder(meter);
  const { name, unit, description } = metrics.requestsWaiting;
  meter
    .createObservableGauge(name, { unit, description })
    .addCallback((result) => result.observe(waiterCount()));

  const ofJob = ({ operation }: Pick<JobSaid, 'operation'>, outcome?: string) => ({
    [attributes.operation]: operation,
    [attributes.lane]: laneOf(operation),
    ...(outcome !== undefined && { [attributes.outcome]: outcome }),
  });
  const describe = ({ ref, operation, attempt }: JobSaid, outcome?: string) =>
    tracer.describe({
      [attributes.ref]: ref,
      [attributes.attempt]: attempt,
      ...ofJob({ operation }, outcome),
    });
  const ended = (job: JobSaid & { ageMs: number }, outcome: string) => {
    record('jobsEnded', 1, ofJob(job, outcome));
    record('jobDuration', job.ageMs / 1000, ofJob(job, outcome));
    describe(job, outcome);
  };
  const attemptEnded = (job: JobSaid, outcome: string) => {
    record('attemptsEnded', 1, ofJob(job, outcome));
    describe(job, outcome);
  };
  const lost = (job: JobSaid) => {
    record('attemptsEnded', 1, ofJob(job, 'lost'));
    record('jobsRecovered', 1, ofJob(job, 'next_attempt'));
  };

  return {
    jobAccepted(job) {
      record('jobsAccepted', 1, ofJob(job));
      describe(job);
    },
    startRepeated: (job) => describe(job),
    attemptStarted(job) {
      if (job.isAfterLoss) lost(job);
      record('attemptsStarted', 1, ofJob(job));
      if (job.waitedMs !== undefined) record('queueAge', job.waitedMs / 1000, ofJob(job));
      describe(job);
    },
    jobSucceeded(job) {
      attemptEnded(job, 'succeeded');
      ended(job, 'succeeded');
    },
    jobFailed(job) {
      if (job.attemptWas !== 'not begun') attemptEnded(job, job.attemptWas);
      ended(job, 'failed');
    },
    attemptFailed: (job) => attemptEnded(job, 'tried_again'),
    attemptHandedBack: (job) => attemptEnded(job, 'handed_back'),
    attemptsLost: lost,
    messagePutAgain: (job) => record('jobsRecovered', 1, ofJob(job, 'message_put_again')),
    jobCanceled: (job) => ended(job, 'canceled'),
    poisonDecided: () => record('poisonMessages', 1, {}),
    queueMeasured({ lane, messages, frontAgeMs }) {
      record('queueMessages', messages, { [attributes.lane]: lane });
      record('queueFrontAge', frontAgeMs / 1000, { [attributes.lane]: lane });
    },
    requestFailed: () => record('requestsFailed', 1, { [attributes.outcome]: 'failed' }),
    requestUnserved: () => record('requestsFailed', 1, { [attributes.outcome]: 'unserved' }),
    jobsSwept: () => record('sweepsEnded', 1, {}),
  };
}

/** From milliseconds to the days that a job may wait. */
const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400];

type RecordValue = (value: number, told?: Attributes) => void;

/** An instrument for each metric of the catalogue but the one that is observed. */
function recorder(meter: Meter): (metric: MetricKey, value: number, told: Attributes) => void {
  const instrumentOf = ({ name, is, unit, description }: Metric): RecordValue => {
    const options = { unit, description };
    if (is === 'last') {
      const gauge = meter.createGauge(name, options);
      return (value, told) => gauge.record(value, told);
    }
    if (is === 'sum') {
      const counter = meter.createCounter(name, options);
      return (value, told) => counter.add(value, told);
    }
    const histogram = meter.createHistogram(name, {
      ...options,
      advice: { explicitBucketBoundaries: SECONDS },
    });
    return (value, told) => histogram.record(value, told);
  };
  const { requestsWaiting, ...recorded } = metrics;
  const instruments = new Map(Object.entries(recorded).map(([key, metric]) => [key, instrumentOf(metric)]));
  return (metric, value, told) => instruments.get(metric)?.(value, told);
}

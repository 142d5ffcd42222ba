/** What one storage account, one queue and one region's quota are good for, and how many of each a load needs: docs/scale.md. */
import hostJson from '../../host.json' with { type: 'json' };
import counts from '../cost/counts.json' with { type: 'json' };
import limits from './limits.json' with { type: 'json' };
import { front } from './scenarios.ts';

/** Work of that length, asked for so often. */
const WORK_SECONDS = 2;
const POLLS = 2;

const { batchSize, newBatchThreshold } = hostJson.extensions.queues;
const { job, poll } = counts.ours;
/** A dequeue brings a batch. */
const dequeues = 1 / batchSize;
/** Put, take, delete: the published figure is of messages, and each request is taken to count as one. */
const QUEUE_REQUESTS = job['Put Message'] + dequeues + job['Delete Message'];
const BLOB_REQUESTS = job['Put Blob'] + job['Get Blob'] + POLLS * poll['Get Blob Properties'];
const REQUESTS = QUEUE_REQUESTS + BLOB_REQUESTS;
/** What a job a second keeps busy: of an instance that works on so many at a time, and of one that answers its start and polls. */
const WORK_INSTANCES = WORK_SECONDS / (batchSize + newBatchThreshold);
const HTTP_INSTANCES = (front.startMs + POLLS * front.pollMs) / 1000;
const INSTANCES = WORK_INSTANCES + HTTP_INSTANCES;
const REGION_INSTANCES = limits.regionMemoryMegabytes / limits.instanceMegabytes;

/** How many jobs a second each is good for. */
const goodFor = {
  queue: limits.queueMessagesPerSecond / QUEUE_REQUESTS,
  account: limits.accountRequestsPerSecond / REQUESTS,
  largerAccount: limits.largerAccountRequestsPerSecond / REQUESTS,
  region: REGION_INSTANCES / INSTANCES,
} as const;

const whole = (value: number) => Math.floor(value).toLocaleString('en');
const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;

export function limitsTable(): string {
  const rows: readonly (readonly [string, number, string, number])[] = [
    ['one queue, messages/s', limits.queueMessagesPerSecond, QUEUE_REQUESTS.toFixed(2), goodFor.queue],
    [
      'one region’s memory, instances of 2 GB',
      REGION_INSTANCES,
      `${INSTANCES.toFixed(3)} instances`,
      goodFor.region,
    ],
    ['one account, requests/s', limits.accountRequestsPerSecond, REQUESTS.toFixed(2), goodFor.account],
    [
      '… in the larger regions',
      limits.largerAccountRequestsPerSecond,
      REQUESTS.toFixed(2),
      goodFor.largerAccount,
    ],
    [
      'one account’s queues, messages/s',
      limits.accountQueueMessagesPerSecond,
      QUEUE_REQUESTS.toFixed(2),
      limits.accountQueueMessagesPerSecond / QUEUE_REQUESTS,
    ],
  ];
  return [
    line(['published limit', '', 'a job takes', 'good for jobs/s']),
    line(['---', '---', '---', '---']),
    ...rows
      .toSorted((one, other) => one[3] - other[3])
      .map(([name, limit, share, jobs]) => line([name, limit.toLocaleString('en'), share, whole(jobs)])),
    '',
  ].join('\n');
}

/** What a load needs, as stamps: an app with an account of its own, and queues enough. */
export function planTable(): string {
  const loads = [100, 1000, 10_000, 100_000, 1_000_000];
  const up = (value: number) => Math.ceil(value).toLocaleString('en');
  return [
    line(['jobs/s', 'queues', 'accounts', 'instances', 'regional quotas as they come', 'jobs a day']),
    line(['---', '---', '---', '---', '---', '---']),
    ...loads.map((load) =>
      line([
        load.toLocaleString('en'),
        up(load / goodFor.queue),
        up(load / goodFor.account),
        up(load * INSTANCES),
        up(load / goodFor.region),
        (load * 86_400).toLocaleString('en'),
      ]),
    ),
    '',
  ].join('\n');
}

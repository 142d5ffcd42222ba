/** The tables of docs/cost.md. */
import hostJson from '../../host.json' with { type: 'json' };
import { timespanMs } from '../host/timespan.ts';
import {
  type Cost,
  costPerMillion,
  designs,
  type Filling,
  idleMonth,
  priceOf,
  type Usage,
} from './design-cost.ts';
import { usageByInterval, usageByRetryAfter, usageByWaiting, usageOnFastPath } from './polling.ts';
import pricesJson from './prices.json' with { type: 'json' };

const { batchSize, newBatchThreshold, maxPollingInterval } = hostJson.extensions.queues;
/** Instances of which each works on all that it takes. HTTP: the plan's own concurrency for instances of 2 GB. */
const BUSY: Filling = { workAtATime: batchSize + newBatchThreshold, httpAtATime: 16, leastSeconds: 0 };
/** So little traffic that no two executions share an instance. */
const ALONE: Filling = { workAtATime: 1, httpAtATime: 1, leastSeconds: 1 };

const dollars = (amount: number) => (amount < 100 ? amount.toFixed(2) : amount.toFixed(0));
const SHORT = { ours: 'ours', durable: 'Durable', serviceBus: 'Service Bus' } as const;
/** Those that work whoever asks, and however: the columns. */
const names = Object.keys(SHORT) as (keyof typeof SHORT)[];

function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line), ''].join('\n');
}

export function pricesTable(): string {
  const { meters, sources, statedOn } = pricesJson;
  const rows = Object.values(meters).map(({ name, usd, per, region, source }) => {
    const { text, url, page } = sources[source as keyof typeof sources];
    return [name, `$${usd}`, per.toLocaleString('en'), region, `[${text}](${url})`, `[page](${page})`];
  });
  return `As found on ${statedOn}.\n\n${table(['meter', 'price', 'for', 'region', 'found in', 'to be checked at'], rows)}`;
}

export function countsTable(): string {
  const listed = (operations: Readonly<Record<string, number>>) =>
    Object.entries(operations)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || 'none';
  return table(
    ['', 'a job', 'a poll', 'the poll that hears the end, besides', 'executions, polls apart'],
    Object.values(designs).map(({ name, job, poll, reply, ...executions }) => [
      name,
      listed(job),
      listed(poll),
      listed(reply),
      executions.httpExecutions + executions.workExecutions + executions.controlExecutions,
    ]),
  );
}

/** The jobs that the first tables are about. */
const usage: Usage = { workSeconds: 2, polls: 2, heldSeconds: 0, waitReads: 0 };

/** The first thing that somebody with a budget asks. */
export function answer(): string {
  const [busy, alone] = [BUSY, ALONE].map((filling) => costPerMillion('ours', usage, filling).total);
  const { sweepOperations, sweepTime } = idleMonth(ALONE, 0);
  const rounded = (amount = 0) => amount.toFixed(0);
  return [
    `A million jobs of ${usage.workSeconds} s, each polled twice: **$${rounded(busy)}** where instances are busy, **$${rounded(alone)}** where no two`,
    `jobs or polls ever share one. An app that nobody uses: **$${dollars(sweepOperations + sweepTime)} a month**.`,
    '',
  ].join('\n');
}

/** What an app without jobs costs. */
export function idleDollars(): string {
  const looksAMinute = 60_000 / (timespanMs(maxPollingInterval) ?? Number.NaN);
  const { sweepOperations, sweepTime, looks } = idleMonth(ALONE, looksAMinute);
  return [
    `A month without jobs: $${dollars(sweepOperations)} for what the sweep asks of storage each minute, $${dollars(sweepTime)} for the second that is billed of it each time, and`,
    `at most $${dollars(looks)} for each queue, which an instance looks into every ${60 / looksAMinute} s while it is up.`,
    '',
  ].join('\n');
}

/** A million jobs of each design, every one polled as often. */
export function designsTable(): string {
  const cells = ({ operations, executions, gigabyteSeconds, total }: Cost) =>
    [operations, executions, gigabyteSeconds, total].map(dollars);
  return table(
    [
      '$ per million jobs',
      'storage and messages',
      'executions',
      'GB-s, busy',
      'total, busy',
      'GB-s, alone',
      'total, alone',
    ],
    names.map((name) => [
      designs[name].name,
      ...cells(costPerMillion(name, usage, BUSY)),
      ...cells(costPerMillion(name, usage, ALONE)).slice(2),
    ]),
  );
}

/** What asking costs: the same jobs, by how their callers ask. */
export function pollingTable(): string {
  const all = names;
  const ways: readonly [string, (workSeconds: number) => Usage, readonly (keyof typeof designs)[]][] = [
    ['every second', (work) => usageByInterval(work, 1), all],
    ['every 5 s', (work) => usageByInterval(work, 5), all],
    ['every 30 s', (work) => usageByInterval(work, 30), all],
    ['by `Retry-After`', (work) => usageByRetryAfter(work), ['ours']],
    ['… duration declared', (work) => usageByRetryAfter(work, work), ['ours']],
    ['`?wait=30`, on the fast path', (work) => usageOnFastPath(work, 30), ['oursOnFastPath']],
    ['… by the queue', (work) => usageByWaiting(work, 30), ['ours']],
  ];
  const lengths = [2, 10, 60] as const;
  const header = lengths.flatMap((seconds) => [`polls, ${seconds} s`, ...names.map((name) => SHORT[name])]);
  return table(
    ['callers ask', ...header],
    ways.map(([way, usageOf, priced]) => [
      way,
      ...lengths.flatMap((seconds) => {
        const usage = usageOf(seconds);
        const prices = priced.map((name) => dollars(costPerMillion(name, usage, BUSY).total));
        return [usage.polls, ...names.map((_, column) => prices[column] ?? '')];
      }),
    ]),
  );
}

/** What a hundred kilobytes for each of a million jobs cost while they are kept. */
export function keptDollars(): string {
  const [gigabytes, days] = [100, 7];
  return `A million jobs whose blobs hold 100 KB, kept for ${days} days: $${dollars((gigabytes * days * priceOf('gigabyteMonth')) / 30)}.\n`;
}

/** A run in a line of a table. */
import { max, quantileSorted } from 'simple-statistics';
import type { Latency, Measures } from './measures.ts';

export interface Quantiles {
  readonly p10: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Of what each job took, in seconds. */
export function quantilesOf(latencies: readonly Pick<Latency, 'seconds'>[]): Quantiles {
  const sorted = latencies.map(({ seconds }) => seconds).toSorted((one, other) => one - other);
  const at = (share: number) => quantileSorted(sorted, share);
  return { p10: at(0.1), p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

const HEADER = [
  'jobs',
  'until callers knew: median',
  '95 %',
  '99 %',
  'from the first try: 95 %',
  'largest backlog',
  'most instances',
  'polls a job',
  'storage calls a job',
  'starts refused',
];

export function summaryTable(runs: readonly (readonly [name: string, Measures])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['', ...HEADER]),
    line(['', ...HEADER].map(() => '---')),
    ...runs.map(([name, measures]) => line([name, ...cellsOf(measures)])),
    '',
  ].join('\n');
}

function cellsOf({ jobs, latencies, samples, polls, refusals, calls }: Measures): string[] {
  const { p50, p95, p99 } = quantilesOf(latencies);
  const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} s`;
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  return [
    whole(jobs),
    seconds(p50),
    seconds(p95),
    seconds(p99),
    seconds(quantilesOf(latencies.map(({ triedSeconds }) => ({ seconds: triedSeconds }))).p95),
    whole(max(samples.map(({ backlog }) => backlog))),
    whole(max(samples.map(({ instances }) => instances))),
    (polls / jobs).toFixed(1),
    (calls / jobs).toFixed(1),
    whole(refusals),
  ];
}

/** The plots of docs/scale.md: what happened over time, of one run or of two beside each other. */
import type { Measures, Sample } from './measures.ts';
import { type Line, type Panel, plot } from './plot.ts';
import { quantilesOf } from './summary.ts';

const BUCKETS = 80;

type Run = readonly [name: string, measures: Measures];

/** Backlog, instances and polls, and how long it took until callers knew, by when they were accepted. */
export function plotRuns(title: string, runs: readonly Run[]): string {
  const panel = (name: string, value: (sample: Sample) => number): Panel => ({
    title: name,
    lines: runs.map(([run, { samples }]) => ({
      name: run,
      points: samples.map((sample) => [sample.atSeconds, value(sample)]),
    })),
  });
  return plot(title, [
    panel('messages in the queue', ({ backlog }) => backlog),
    panel('instances', ({ instances }) => instances),
    panel('polls a second', ({ polls }) => polls),
    {
      title: 'seconds until callers knew, 95 %',
      lines: runs.map(([name, measures]) => ({ name, points: latencyPoints(measures) })),
    },
  ]);
}

function latencyPoints({ latencies }: Measures): Line['points'] {
  const last = Math.max(...latencies.map(({ acceptedSeconds }) => acceptedSeconds));
  const each = last / BUCKETS;
  const buckets = Map.groupBy(latencies, ({ acceptedSeconds }) => Math.floor(acceptedSeconds / each));
  return [...buckets.entries()]
    .toSorted(([one], [other]) => one - other)
    .map(([bucket, inIt]) => [(bucket + 0.5) * each, quantilesOf(inIt).p95]);
}

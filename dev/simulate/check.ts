/**
 * The simulation beside a measured run of the same jobs on the same settings. How many messages the first look into the queue
 * finds is chance, and decides much: so the run is simulated with many seeds, and has to be like one of them.
 */
import { max, median, min } from 'simple-statistics';
import { IDLE_SECONDS, type MeasuredRun } from './measured-run.ts';
import type { Measures } from './measures.ts';
import type { Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';
import { quantilesOf } from './summary.ts';

const SEEDS = 25;
const POLLS = 'polls a job';
/** How much more or less than in any simulation a figure may be: the machine does other things as well. */
const TOLERANCE = 0.2;
/** A caller that misses the end by a little knows at the next poll, and `Retry-After` is whole seconds. */
const POLL_SECONDS = 1;

export interface Compared {
  readonly figure: string;
  readonly measured: number;
  /** One of each seed. */
  readonly simulated: readonly number[];
}

export async function compare(run: MeasuredRun, maxPollingMs: number): Promise<readonly Compared[]> {
  const simulated: ReturnType<typeof figuresOf>[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    simulated.push(figuresOf(await simulate(scenarioOf(run, maxPollingMs, seed))));
  }
  const measured = figuresOf(run);
  return (Object.keys(measured) as (keyof typeof measured)[]).map((figure) => ({
    figure,
    measured: measured[figure],
    simulated: simulated.map((figures) => figures[figure]),
  }));
}

export function isWithin({ measured, simulated }: Compared): boolean {
  return (
    measured >= min([...simulated]) * (1 - TOLERANCE) && measured <= max([...simulated]) * (1 + TOLERANCE)
  );
}

export function checkTable({ jobs, workSeconds, front }: MeasuredRun, compared: readonly Compared[]): string {
  const rows = compared.map(({ figure, measured, simulated }) => {
    const values = [...simulated];
    const range = `${min(values).toFixed(1)} to ${max(values).toFixed(1)}`;
    return `| ${figure} | ${measured.toFixed(1)} | ${median(values).toFixed(1)} | ${range} |`;
  });
  const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
  return [
    `${jobs} jobs of ${workSeconds} s, started at once on one instance; measured before: ${milliseconds(front.startMs)} for a start, ${milliseconds(front.pollMs)} for a poll.`,
    '',
    `| | measured | simulated: median | of ${SEEDS} seeds |`,
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `A measured figure may be ${TOLERANCE * 100} % beyond those of the seeds, a time ${POLL_SECONDS} s more: a poll.`,
    '',
  ].join('\n');
}

/** The scenario that the run was. */
function scenarioOf({ jobs, workSeconds, front }: MeasuredRun, maxPollingMs: number, seed: number): Scenario {
  return {
    name: 'the measured run',
    seed,
    seconds: 60,
    // When it looks next is chance.
    arrivals: {
      kind: 'at-once',
      jobs,
      fromSeconds: IDLE_SECONDS,
      toSeconds: IDLE_SECONDS + maxPollingMs / 1000,
    },
    caller: { kind: 'retry-after' },
    work: { medianSeconds: workSeconds, spread: 0, failing: 0, usualSeconds: undefined },
    workers: { atStart: 1, most: 1, decisionSeconds: 0, step: 0, startSeconds: 0, isOnFront: true },
    front,
    storageMs: front.awayMs,
    maxBacklog: 0,
    maxPollingMs,
  };
}

function figuresOf({ jobs, latencies, polls }: Pick<MeasuredRun, 'jobs' | 'latencies' | 'polls'> | Measures) {
  const { p10, p50, p95 } = quantilesOf(latencies);
  return {
    'seconds until callers knew: a tenth of them': p10,
    '… half': p50,
    '… 95 %': p95,
    [POLLS]: polls / jobs,
  };
}

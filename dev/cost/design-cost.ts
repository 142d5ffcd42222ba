/** Dollars per million jobs, from what a design does for each (counts.json) and the list prices (prices.json). */
import { HIDING } from '../../src/jobs/fast-path.ts';
import { leaseCalls } from '../lease-calls.ts';
import countsJson from './counts.json' with { type: 'json' };
import pricesJson from './prices.json' with { type: 'json' };

export type Meter = keyof typeof pricesJson.meters;
type OperationName = keyof typeof pricesJson.operations;
type Operations = Readonly<Partial<Record<OperationName, number>>>;

/** What one design does. */
export interface Counts {
  readonly name: string;
  /** For a job whose work is short: accept, queue, work, publish. */
  readonly job: Operations;
  readonly poll: Operations;
  /** What the poll that hears the end does besides. */
  readonly reply: Operations;
  /** Executions that answer the start. */
  readonly httpExecutions: number;
  /** Executions that do the work, where that is not what its caller's start does while it is held. */
  readonly workExecutions: number;
  /** Executions of an engine around them. */
  readonly controlExecutions: number;
}

export const designs: Readonly<Record<keyof typeof countsJson, Counts>> = countsJson;

/** How a job is used. Times are in seconds. */
export interface Usage {
  /** How long the work of the job takes. */
  readonly workSeconds: number;
  /** Status requests, the one that hears the end included. */
  readonly polls: number;
  /** For how long those requests are held in all, where the caller waits. */
  readonly heldSeconds: number;
  /** Reads of the job while they are held, beside the first. */
  readonly waitReads: number;
}

/** How instances are filled: Flex Consumption bills the time in which an instance runs anything, with all its memory. */
export interface Filling {
  readonly workAtATime: number;
  readonly httpAtATime: number;
  /** The least that is billed where an execution is alone. */
  readonly leastSeconds: number;
}

const MEMORY_GIGABYTES = 2;
/** Of an instance that does nothing but start jobs or answer polls: both are one or two calls to storage. */
const HTTP_SECONDS = 0.05;

export interface Cost {
  readonly operations: number;
  readonly executions: number;
  readonly gigabyteSeconds: number;
  readonly total: number;
}

/** Dollars of one unit. */
export function priceOf(meter: Meter): number {
  const { usd, per } = pricesJson.meters[meter];
  return usd / per;
}

function operationsPrice(operations: Operations): number {
  return Object.entries(operations).reduce((sum, [name, count]) => {
    return sum + count * priceOf(pricesJson.operations[name as OperationName] as Meter);
  }, 0);
}

/** How often the fast path hides a message anew. */
export function hidingsAnew(workSeconds: number): number {
  const lasts = workSeconds - HIDING.renewAfterMs / 1000;
  return lasts < 0 ? 0 : 1 + Math.floor(lasts / (HIDING.heldSeconds / 2));
}

/** What the sweep of an app without jobs asks of storage each minute: its lease, its place, a page of jobs and one of uploads. */
const SWEEP: Operations = { 'Lease Blob': 2, 'Get Blob Properties': 1, 'List Blobs': 2 };
const MINUTES_A_MONTH = 30 * 24 * 60;

/** Dollars a month of an app without jobs. @param looksAMinute of an instance into one queue, while it is up */
export function idleMonth({ leastSeconds }: Filling, looksAMinute: number) {
  const sweepTime = priceOf('execution') + leastSeconds * MEMORY_GIGABYTES * priceOf('gigabyteSecond');
  return {
    sweepOperations: MINUTES_A_MONTH * operationsPrice(SWEEP),
    sweepTime: MINUTES_A_MONTH * sweepTime,
    looks: MINUTES_A_MONTH * looksAMinute * priceOf('queue'),
  };
}

/** Calls to storage that depend on how long an attempt of this app lasts. */
function callsByLength(design: keyof typeof countsJson, workSeconds: number): Operations {
  if (!design.startsWith('ours')) return {};
  const leases = { 'Lease Blob': leaseCalls(workSeconds * 1000) };
  return design === 'ours' ? leases : { ...leases, 'Update Message': hidingsAnew(workSeconds) };
}

/** Dollars per million jobs. */
export function costPerMillion(design: keyof typeof countsJson, usage: Usage, filling: Filling): Cost {
  const counts = designs[design];
  const { workSeconds, polls, heldSeconds, waitReads } = usage;
  const seconds = (length: number, atATime: number) => Math.max(filling.leastSeconds, length) / atATime;
  const operations =
    operationsPrice(counts.job) +
    (polls + waitReads) * operationsPrice(counts.poll) +
    operationsPrice(counts.reply) +
    operationsPrice(callsByLength(design, workSeconds));
  const http = counts.httpExecutions + polls;
  const executions = (http + counts.workExecutions + counts.controlExecutions) * priceOf('execution');
  const billedSeconds =
    counts.workExecutions * seconds(workSeconds, filling.workAtATime) +
    (http + counts.controlExecutions) * seconds(HTTP_SECONDS, filling.httpAtATime) +
    heldSeconds / filling.httpAtATime;
  const gigabyteSeconds = billedSeconds * MEMORY_GIGABYTES * priceOf('gigabyteSecond');
  const million = (dollars: number) => dollars * 1_000_000;
  return {
    operations: million(operations),
    executions: million(executions),
    gigabyteSeconds: million(gigabyteSeconds),
    total: million(operations + executions + gigabyteSeconds),
  };
}

/** Every bench, in the order in which they run. */
import { accept } from './accept.ts';
import type { Bench } from './bench.ts';
import { coldStart } from './cold-start.ts';
import { csv } from './csv.ts';
import { gigabyte } from './gigabyte.ts';
import { growth } from './growth.ts';
import { growthHosts } from './growth-hosts.ts';
import { growthLanes } from './growth-lanes.ts';
import { latency } from './latency.ts';
import { poll } from './poll.ts';
import { transactions } from './transactions.ts';
import { work } from './work.ts';

export const benches: readonly Bench[] = [
  transactions,
  accept,
  poll,
  work,
  latency,
  csv,
  gigabyte,
  coldStart,
  growth,
  growthLanes,
  growthHosts,
];

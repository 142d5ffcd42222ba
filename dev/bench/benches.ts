/** Every bench, in the order in which they run. */
import { accept } from './accept.ts';
import type { Bench } from './bench.ts';
import { poll } from './poll.ts';
import { work } from './work.ts';

export const benches: readonly Bench[] = [accept, poll, work];

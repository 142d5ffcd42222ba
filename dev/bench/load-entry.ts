/** A fresh process that loads an app's entry file as the Functions worker does, and tells what that took. */
import { supplyFunctionsCore } from '../host/worker/functions-core.ts';

export interface Loaded {
  readonly ms: number;
  readonly functions: number;
  /** Resident, of the process. */
  readonly memoryMB: number;
}

const app = supplyFunctionsCore(() => undefined);
const beganMs = performance.now();
require(process.argv[2] ?? '');
const ms = performance.now() - beganMs;
const loaded: Loaded = {
  ms,
  functions: app.functions.size,
  memoryMB: process.memoryUsage.rss() / 1e6,
};
process.send?.(loaded, () => process.exit());

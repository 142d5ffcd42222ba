/**
 * One local host in a process of its own, as hosts are: what loads it must not share its event loop. What it runs comes as
 * JSON on its command line; on demand it counts a function's invocations.
 */
import { type LocalHostOptions, startLocalHost } from '../host/local-host.ts';

/** What its parent asks for: a report once so many invocations of this function have ended. */
export interface CountOrder {
  readonly functionName: string;
  readonly invocations: number;
}

export type HostReport =
  | { readonly told: 'up'; readonly url: string; readonly workerPid: number }
  | { readonly told: 'counted'; readonly firstMs: number; readonly lastMs: number; readonly failed: number };

let counting: (CountOrder & { ended: number; failed: number; firstMs: number }) | undefined;

const tell = (report: HostReport) => process.connected && process.send?.(report);
process.once('disconnect', () => process.exit(1));
process.on('message', (order: CountOrder) => {
  counting = { ...order, ended: 0, failed: 0, firstMs: 0 };
});

const options = JSON.parse(process.argv[2] ?? '{}') as LocalHostOptions;
const host = await startLocalHost({ ...options, onLog: count });
tell({ told: 'up', url: host.url, workerPid: host.workerPid });
const { code } = await host.exited;
process.exit(code);

/** Every line is made, as on a real host, and nobody reads it. */
function count(line: string): void {
  if (counting === undefined || !line.startsWith(`Executed 'Functions.${counting.functionName}' (`)) return;
  const nowMs = performance.now();
  if (counting.ended === 0) counting.firstMs = nowMs;
  counting.ended += 1;
  if (line.includes('(Failed')) counting.failed += 1;
  if (counting.ended < counting.invocations) return;
  tell({ told: 'counted', firstMs: counting.firstMs, lastMs: nowMs, failed: counting.failed });
  counting = undefined;
}

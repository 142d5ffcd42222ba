/**
 * One local host in a process of its own, so that it can be killed and paused from outside as a machine is. What it runs
 * comes as JSON on its command line; it tells its parent where it answers, which process holds the app, and what is logged.
 */
import { type LocalHostOptions, startLocalHost } from '../host/local-host.ts';

/** What a host process tells its parent. */
export type HostReport =
  | { readonly told: 'up'; readonly url: string; readonly workerPid: number }
  | { readonly told: 'worker'; readonly workerPid: number }
  | { readonly told: 'log'; readonly line: string };

const WORKER_CHECK_MS = 100;

const tell = (report: HostReport) => process.connected && process.send?.(report);
process.once('disconnect', () => process.exit(1));

const options = JSON.parse(process.argv[2] ?? '{}') as LocalHostOptions;
const host = await startLocalHost({
  ...options,
  onLog: (line) => {
    // The host's own lines of every invocation would be most of the traffic, and nobody reads them.
    if (!line.startsWith('Execut')) tell({ told: 'log', line });
  },
});
let { workerPid } = host;
tell({ told: 'up', url: host.url, workerPid });
setInterval(() => {
  if (host.workerPid === workerPid) return;
  workerPid = host.workerPid;
  tell({ told: 'worker', workerPid });
}, WORKER_CHECK_MS);
const { code } = await host.exited;
process.exit(code);

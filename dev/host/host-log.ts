/**
 * The host's log: decides by host.json's `logging.logLevel` what is shown, and words every line that has to read as
 * the real host's does. No query string ever gets here: it may hold a key.
 */
import type { LogCategory, LogLevel } from './rpc.ts';

const order: readonly LogLevel[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

export interface HostLog {
  write(level: LogLevel, category: string, text: string): void;
  /** A line that the app, or the library in its name, wrote. */
  fromApp(level: LogLevel, category: LogCategory, text: string, functionName?: string): void;
  executing(functionName: string, reason: string, invocationId: string): void;
  executed(functionName: string, invocationId: string, durationMs: number, failure?: string): void;
}

/**
 * @param levels log level by category, as host.json has them; the longest category that a line's own begins with counts.
 * @param onLog takes each line that is to be shown.
 */
export function createHostLog(
  levels: Readonly<Record<string, string>>,
  onLog: (line: string) => void,
): HostLog {
  const thresholds = Object.entries(levels)
    .map(([category, level]) => [category, order.indexOf(level.toLowerCase() as LogLevel)] as const)
    .sort(([a], [b]) => b.length - a.length);
  const thresholdOf = (category: string) =>
    thresholds.find(([prefix]) => category === prefix || category.startsWith(`${prefix}.`))?.[1] ??
    thresholds.find(([prefix]) => prefix === 'default')?.[1] ??
    order.indexOf('information');

  const write = (level: LogLevel, category: string, text: string) => {
    if (level !== 'none' && order.indexOf(level) >= thresholdOf(category)) onLog(text);
  };
  return {
    write,
    fromApp(level, category, text, functionName) {
      const own = functionName === undefined ? 'Host.Function' : `Function.${functionName}`;
      write(level, category === 'user' ? `${own}.User` : own, text);
    },
    executing(functionName, reason, invocationId) {
      write(
        'information',
        `Function.${functionName}`,
        `Executing 'Functions.${functionName}' (Reason='${reason}', Id=${invocationId})`,
      );
    },
    executed(functionName, invocationId, durationMs, failure) {
      const outcome = failure === undefined ? 'Succeeded' : 'Failed';
      const details = `Id=${invocationId}, Duration=${Math.round(durationMs)}ms`;
      const text = `Executed 'Functions.${functionName}' (${outcome}, ${details})`;
      write(
        failure === undefined ? 'information' : 'error',
        `Function.${functionName}`,
        failure === undefined ? text : `${text}\n${failure}`,
      );
    },
  };
}

/**
 * Runs timer functions. One host, no memory: a schedule's status is null, as the real host has it for schedules closer
 * than a minute, and an occurrence that was missed while the host was down is not made up for.
 */
import { Cron } from 'croner';
import type { TimerFunction } from './functions.ts';
import { SettingError } from './host-json.ts';
import type { HostLog } from './host-log.ts';
import type { Invoker } from './invoker.ts';
import type { InvocationRequest } from './rpc.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The longest wait that setTimeout takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Timer {
  /** Fires no more. What is running runs on. */
  stop(): void;
}

export interface TimerOptions {
  readonly currentWorker: () => Promise<WorkerProcess>;
  readonly invoker: Invoker;
  readonly log: HostLog;
}

/**
 * Reads the six fields of a schedule.
 * @throws {SettingError} naming the function and its schedule when it is none.
 */
export function readSchedule({ name, schedule }: TimerFunction): Cron {
  try {
    // NCRONTAB wants a day that fits both the day of the month and the day of the week.
    return new Cron(schedule, { mode: '6-part', domAndDow: true, timezone: 'UTC', paused: true });
  } catch (error) {
    const why = (error as Error).message;
    throw new SettingError(`Function '${name}': the schedule '${schedule}' wants six fields: ${why}`);
  }
}

/** What a timer function's handler gets. */
export function timerInvocation({
  name,
  triggerName,
}: TimerFunction): Omit<InvocationRequest, 'invocationId'> {
  const input = { Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false };
  return {
    functionName: name,
    inputData: [{ name: triggerName, data: { json: JSON.stringify(input) } }],
    triggerMetadata: {},
  };
}

export function startTimer(timer: TimerFunction, schedule: Cron, options: TimerOptions): Timer {
  const next = schedule.nextRuns(5).map((run) => `${run.toISOString()}\n`);
  const heading = `The next 5 occurrences of the '${timer.name}' schedule (Cron: '${timer.schedule}') will be:`;
  options.log.write('information', `Function.${timer.name}`, `${heading}\n${next.join('')}`.trimEnd());
  let timeout: NodeJS.Timeout | undefined;
  let isStopped = false;

  const fire = async () => {
    const reason = `Timer fired at ${new Date().toISOString()}`;
    try {
      await options.invoker.start(await options.currentWorker(), reason, timerInvocation(timer)).done;
    } catch {
      // Logged by the invoker; the schedule goes on.
    }
  };
  // The next occurrence counts from the end of a run, so a timer never runs twice at once.
  const wait = () => {
    const occurrence = schedule.nextRun();
    if (isStopped || occurrence === null) return;
    const remainingMs = occurrence.getTime() - Date.now();
    timeout = setTimeout(
      () => void (remainingMs > MAX_TIMER_MS ? wait() : fire().then(wait)),
      Math.min(remainingMs, MAX_TIMER_MS),
    );
  };
  if (timer.runOnStartup) void fire().then(wait);
  else wait();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timeout);
    },
  };
}

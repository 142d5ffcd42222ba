/**
 * The local host's workflow engine: runs orchestrations as the Durable extension does, activities at least once. What an
 * orchestration is told and what it does is written down before it takes effect.
 *
 * waiting --message--> being told --turn--> waiting | ended
 * One turn of an instance at a time; what arrives meanwhile waits in its inbox.
 */
import type { HostLog } from '../host-log.ts';
import { type Instance, type InstanceLine, isEnded, openSteps, type RuntimeStatus } from './instance.ts';
import type { InstanceFiles } from './instance-files.ts';
import { createLimit } from './limit.ts';
import { EVENT, type HistoryEvent, orchestratorInput, readOrchestratorState } from './protocol.ts';
import { replayActions } from './replay-actions.ts';

/** A library's error carries the orchestrator's state behind this mark. */
const STATE_MARK = '\n\n$OutOfProcData$:';
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface TaskHubOptions {
  readonly files: InstanceFiles;
  readonly log: HostLog;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
  /** What a killed host had taken is hidden from the next one for so long. */
  readonly activityVisibilityMs: number;
  readonly orchestratorVisibilityMs: number;
  /** Whether a stop leaves nothing hidden. */
  readonly isGraceful: boolean;
  readonly isOrchestrator: (name: string) => boolean;
  readonly isActivity: (name: string) => boolean;
  /** Runs a function of the app on JSON and returns its JSON. Rejects with what it threw, or how the worker ended. */
  readonly invoke: (functionName: string, json: string) => Promise<string>;
}

export interface TaskHub {
  /** Takes up what the last host left. */
  resume(): void;
  instance(id: string): Instance | undefined;
  /** @throws {Error} where the function is no orchestrator, or an instance of that id has not ended. */
  start(name: string, id: string, input: unknown): void;
  terminate(id: string, reason: string): void;
  purge(id: string): boolean;
  /** Purges what was created before that time and has one of these statuses; how many. */
  purgeBefore(createdBefore: string, statuses: readonly string[] | undefined): number;
  /** Takes up nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
  /** As a crash does. */
  abandon(): void;
}

/** There is no such orchestrator function. */
export class UnknownOrchestratorError extends Error {
  override readonly name = 'UnknownOrchestratorError';
}

export function createTaskHub(options: TaskHubOptions): TaskHub {
  const { files, log } = options;
  const instances = new Map<string, Instance>();
  const inTurn = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  const activityLimit = createLimit(options.maxConcurrentActivities);
  const orchestratorLimit = createLimit(options.maxConcurrentOrchestrators);
  let isStopping = false;
  let isAbandoned = false;

  const now = () => new Date().toISOString();
  const add = (instance: Instance, line: InstanceLine) => {
    // One of its id may have been started since: what is left of the old one concerns nobody.
    if (!isAbandoned && instances.get(instance.id) === instance) files.add(instance, line);
  };

  function track(work: Promise<void>): void {
    const tracked = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  }

  function after(ms: number, then: () => void): void {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        if (ms > LONGEST_TIMER_MS) after(ms - LONGEST_TIMER_MS, then);
        else then();
      },
      Math.min(Math.max(0, ms), LONGEST_TIMER_MS),
    );
    timers.add(timer);
  }

  function tell(instance: Instance, event: HistoryEvent): void {
    add(instance, { line: 'message', event });
    wake(instance);
  }

  function wake(instance: Instance): void {
    if (isStopping || inTurn.has(instance.id) || instance.inbox.length === 0) return;
    if (instances.get(instance.id) !== instance) return;
    inTurn.add(instance.id);
    const turn = orchestratorLimit(() => takeTurn(instance)).finally(() => {
      inTurn.delete(instance.id);
      wake(instance);
    });
    track(turn);
  }

  async function takeTurn(instance: Instance): Promise<void> {
    if (isStopping) return;
    const told = instance.inbox.length;
    if (isEnded(instance)) {
      // Told too late: an activity outlives its instance, whatever became of that.
      return add(instance, { line: 'turn', told, events: [], ...outcomeOf(instance) });
    }
    const { history } = instance;
    const fresh = [
      { EventType: EVENT.orchestratorStarted, EventId: -1, Timestamp: now() },
      ...instance.inbox,
    ];
    const terminated = fresh.find(({ EventType }) => EventType === EVENT.executionTerminated);
    if (terminated !== undefined) {
      return end(instance, told, fresh, 'Terminated', terminated.Reason);
    }
    add(instance, { line: 'begun' });
    let json: string;
    try {
      json = await options.invoke(
        instance.name,
        orchestratorInput(instance.id, instance.input, history, fresh),
      );
    } catch (error) {
      const { message } = error as Error;
      const at = message.indexOf(STATE_MARK);
      if (at === -1) {
        const reason = `Orchestrator function '${instance.name}' failed: ${firstLineOf(message)}`;
        return end(instance, told, fresh, 'Failed', reason);
      }
      json = message.slice(at + STATE_MARK.length);
    }
    if (isAbandoned) return;
    try {
      conclude(instance, told, fresh, json);
    } catch (error) {
      const { message } = error as Error;
      log.write('error', 'Host.Durable', `Orchestrator function '${instance.name}': ${message}`);
      end(instance, told, fresh, 'Failed', message);
    }
  }

  function conclude(instance: Instance, told: number, fresh: readonly HistoryEvent[], json: string): void {
    const state = readOrchestratorState(json);
    const { isDone, scheduled } = replayActions(state.actions, [...instance.history, ...fresh]);
    if (isDone && (state.isDone || state.error !== undefined)) {
      const failure = `Orchestrator function '${instance.name}' failed: ${state.error}`;
      const [status, output] =
        state.error === undefined ? (['Completed', state.output] as const) : (['Failed', failure] as const);
      end(instance, told, fresh, status, output, state.customStatus);
      return;
    }
    const completed = { EventType: EVENT.orchestratorCompleted, EventId: -1, Timestamp: now() };
    add(instance, {
      line: 'turn',
      told,
      events: [...fresh, ...scheduled, completed],
      status: 'Running',
      customStatus: state.customStatus,
    });
    for (const step of scheduled) begin(instance, step);
  }

  function end(
    instance: Instance,
    told: number,
    fresh: readonly HistoryEvent[],
    status: RuntimeStatus,
    output: unknown,
    customStatus = instance.customStatus,
  ): void {
    const completed = { EventType: EVENT.executionCompleted, EventId: -1, Timestamp: now() };
    add(instance, { line: 'turn', told, events: [...fresh, completed], status, output, customStatus });
    log.write('information', 'Host.Durable', `Instance ${instance.id} of '${instance.name}': ${status}.`);
  }

  function begin(instance: Instance, step: HistoryEvent): void {
    if (step.EventType === EVENT.taskScheduled) {
      track(activityLimit(() => runActivity(instance, step)));
      return;
    }
    const { FireAt = now(), EventId: TimerId } = step;
    after(Date.parse(FireAt) - Date.now(), () =>
      tell(instance, { EventType: EVENT.timerFired, EventId: -1, Timestamp: now(), TimerId, FireAt }),
    );
  }

  async function runActivity(
    instance: Instance,
    { EventId, Name = '', Input = 'null' }: HistoryEvent,
  ): Promise<void> {
    if (isStopping) return;
    add(instance, { line: 'taken', task: EventId });
    const answer = { EventId: -1, TaskScheduledId: EventId };
    try {
      if (!options.isActivity(Name)) throw new Error(`there is no such activity function`);
      const Result = await options.invoke(Name, Input);
      tell(instance, { ...answer, EventType: EVENT.taskCompleted, Timestamp: now(), Result });
    } catch (error) {
      if (isAbandoned) return;
      const { message } = error as Error;
      const Reason = `Activity function '${Name}' failed: ${firstLineOf(message)}`;
      tell(instance, { ...answer, EventType: EVENT.taskFailed, Timestamp: now(), Reason, Details: message });
    }
  }

  function purge(id: string): boolean {
    const instance = instances.get(id);
    if (instance === undefined || !isEnded(instance)) return false;
    instances.delete(id);
    files.remove(id);
    return true;
  }

  return {
    resume() {
      for (const instance of files.load()) {
        instances.set(instance.id, instance);
        after(instance.isBegun ? options.orchestratorVisibilityMs : 0, () => wake(instance));
        for (const step of openSteps(instance)) {
          const isTaken = instance.taken.has(step.EventId);
          // An activity of an ended instance runs again too: its message is still in the queue.
          if (isEnded(instance) && !isTaken) continue;
          if (isTaken) after(options.activityVisibilityMs, () => begin(instance, step));
          else begin(instance, step);
        }
      }
    },
    instance: (id) => instances.get(id),
    start(name, id, input) {
      if (!options.isOrchestrator(name)) {
        throw new UnknownOrchestratorError(
          `The function '${name}' doesn't exist, or is not an orchestrator function.`,
        );
      }
      const before = instances.get(id);
      if (before !== undefined && !isEnded(before)) {
        throw new Error(`An Orchestration instance with the status ${before.status} already exists.`);
      }
      const event = {
        EventType: EVENT.executionStarted,
        EventId: -1,
        Timestamp: now(),
        Name: name,
        Input: JSON.stringify(input ?? null),
      };
      const instance = files.create(id, { line: 'created', name, input, event });
      instances.set(id, instance);
      wake(instance);
    },
    terminate(id, reason) {
      const instance = instances.get(id);
      if (instance === undefined) return;
      tell(instance, { EventType: EVENT.executionTerminated, EventId: -1, Timestamp: now(), Reason: reason });
    },
    purge,
    purgeBefore(createdBefore, statuses) {
      const old = [...instances.values()].filter(
        ({ createdAt, status }) => createdAt < createdBefore && (statuses?.includes(status) ?? true),
      );
      return old.filter(({ id }) => purge(id)).length;
    },
    async stop() {
      isStopping = true;
      for (const timer of timers) clearTimeout(timer);
      while (underWay.size > 0) await Promise.all(underWay);
      if (options.isGraceful) return;
      for (const instance of instances.values()) {
        if (instance.inbox.length > 0) add(instance, { line: 'begun' });
      }
    },
    abandon() {
      isStopping = true;
      isAbandoned = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function outcomeOf({ status, output, customStatus }: Instance) {
  return { status, output, customStatus };
}

/** The message of an error whose stack follows it. */
function firstLineOf(text: string): string {
  return text.split('\n    at ')[0]?.replace(/^Error: /, '') ?? text;
}

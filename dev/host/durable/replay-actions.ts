/**
 * Finds what an orchestration waits for: its actions in their order, told what its history says of them. Numbers are
 * given to activities and timers as both sides of the real protocol do it, in the order in which they come up.
 */
import { type Action, EVENT, type HistoryEvent, type RetryOptions } from './protocol.ts';

/** The orchestrator took other steps than its history has. */
export class NonDeterministicError extends Error {
  override readonly name = 'NonDeterministicError';
}

export interface ReplayedActions {
  /** Whether every action has ended. */
  readonly isDone: boolean;
  /** What has to be begun and is not in the history yet. */
  readonly scheduled: readonly HistoryEvent[];
}

/** @throws {NonDeterministicError} naming what was expected and what came. */
export function replayActions(actions: readonly Action[], history: readonly HistoryEvent[]): ReplayedActions {
  const known = new Map(history.filter(isScheduled).map((event) => [event.EventId, event] as const));
  const open = new Map<number, (event: HistoryEvent) => void>();
  const scheduled: HistoryEvent[] = [];
  let now = history[0]?.Timestamp ?? new Date(0).toISOString();
  let nextId = 0;
  let begun = 0;

  function schedule(event: Pick<HistoryEvent, 'EventType' | 'Name' | 'Input' | 'FireAt'>): number {
    const EventId = nextId++;
    const before = known.get(EventId);
    if (before === undefined) scheduled.push({ ...event, EventId, Timestamp: now });
    else if (before.EventType !== event.EventType || before.Name !== event.Name) {
      throw new NonDeterministicError(
        `Non-deterministic orchestrator: step ${EventId} was ${describe(before)}, and is ${describe(event)} now.`,
      );
    }
    return EventId;
  }

  function begin(action: Action, done: () => void): void {
    switch (action.kind) {
      case 'CallActivity':
        open.set(schedule(taskOf(action)), done);
        return;
      case 'CallActivityWithRetry':
        repeat(action, action.retryOptions, 1, done);
        return;
      case 'WhenAll': {
        let left = action.actions.length;
        for (const each of action.actions)
          begin(each, () => {
            left -= 1;
            if (left === 0) done();
          });
        return;
      }
      case 'WhenAny': {
        let isFirst = true;
        for (const each of action.actions)
          begin(each, () => {
            if (isFirst) done();
            isFirst = false;
          });
        return;
      }
    }
  }

  /** A timer follows the last failure too: the framework waits before it gives up, and the library counts on it. */
  function repeat(
    action: Action & { kind: 'CallActivityWithRetry' },
    options: RetryOptions,
    attempt: number,
    done: () => void,
  ): void {
    open.set(schedule(taskOf(action)), (event) => {
      if (event.EventType === EVENT.taskCompleted) return done();
      const delayMs = Math.min(
        options.maxRetryIntervalInMilliseconds,
        options.firstRetryIntervalInMilliseconds * options.backoffCoefficient ** (attempt - 1),
      );
      const FireAt = new Date(Date.parse(now) + delayMs).toISOString();
      open.set(schedule({ EventType: EVENT.timerCreated, FireAt }), () => {
        if (attempt < options.maxNumberOfAttempts) repeat(action, options, attempt + 1, done);
        else done();
      });
    });
  }

  function next(): void {
    const action = actions[begun];
    begun += 1;
    if (action !== undefined) begin(action, next);
  }

  for (const event of history) {
    if (event.EventType === EVENT.orchestratorStarted) now = event.Timestamp;
    if (event.EventType === EVENT.executionStarted) next();
    const id = event.TaskScheduledId ?? event.TimerId;
    if (id === undefined) continue;
    const handle = open.get(id);
    open.delete(id);
    handle?.(event);
  }
  return { isDone: begun > actions.length, scheduled };
}

function isScheduled({ EventType }: HistoryEvent): boolean {
  return EventType === EVENT.taskScheduled || EventType === EVENT.timerCreated;
}

function taskOf({ functionName, input }: { functionName: string; input?: unknown }) {
  return { EventType: EVENT.taskScheduled, Name: functionName, Input: JSON.stringify(input ?? null) };
}

function describe({ EventType, Name }: Pick<HistoryEvent, 'EventType' | 'Name'>): string {
  return EventType === EVENT.taskScheduled ? `activity '${Name}'` : 'a timer';
}

/**
 * An orchestration instance as its file tells it: the file is a list of lines that is only ever added to, so that a host
 * killed at any moment leaves a whole story behind, and the next host takes it up from there.
 *
 * created --message--> has an inbox --turn begun--> --turn--> its history is longer, its inbox shorter, or it has ended
 */
import { EVENT, type HistoryEvent } from './protocol.ts';

export type RuntimeStatus = 'Pending' | 'Running' | 'Completed' | 'Failed' | 'Terminated';

/** One line of an instance's file. */
export type InstanceLine =
  | { readonly line: 'created'; readonly name: string; readonly input: unknown; readonly event: HistoryEvent }
  /** Something that the orchestrator has to be told. */
  | { readonly line: 'message'; readonly event: HistoryEvent }
  /** The orchestrator is being told. */
  | { readonly line: 'begun' }
  /** It has been told `told` messages, and `events` is what the history has more. */
  | {
      readonly line: 'turn';
      readonly told: number;
      readonly events: readonly HistoryEvent[];
      readonly status: RuntimeStatus;
      readonly customStatus?: unknown;
      readonly output?: unknown;
    }
  /** An activity has been taken by a worker. */
  | { readonly line: 'taken'; readonly task: number };

export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly createdAt: string;
  updatedAt: string;
  status: RuntimeStatus;
  customStatus: unknown;
  output: unknown;
  readonly history: HistoryEvent[];
  readonly inbox: HistoryEvent[];
  /** The orchestrator was being told when the host ended. */
  isBegun: boolean;
  /** Activities that a worker has taken and said nothing of yet. */
  readonly taken: Set<number>;
}

export function isEnded({ status }: Pick<Instance, 'status'>): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated';
}

/** The instance that a first line makes. */
export function createdInstance(id: string, first: InstanceLine & { line: 'created' }): Instance {
  const at = first.event.Timestamp;
  return {
    id,
    name: first.name,
    input: first.input,
    createdAt: at,
    updatedAt: at,
    status: 'Pending',
    customStatus: null,
    output: null,
    history: [],
    inbox: [first.event],
    isBegun: false,
    taken: new Set(),
  };
}

/** Takes a further line in. */
export function applyLine(instance: Instance, line: InstanceLine, at: string): void {
  switch (line.line) {
    case 'created':
      return;
    case 'message':
      if (line.event.TaskScheduledId !== undefined) instance.taken.delete(line.event.TaskScheduledId);
      instance.inbox.push(line.event);
      return;
    case 'begun':
      instance.isBegun = true;
      return;
    case 'taken':
      instance.taken.add(line.task);
      return;
    case 'turn':
      instance.inbox.splice(0, line.told);
      instance.history.push(...line.events);
      instance.status = line.status;
      instance.customStatus = line.customStatus ?? null;
      instance.output = line.output ?? null;
      instance.updatedAt = line.events.at(-1)?.Timestamp ?? at;
      instance.isBegun = false;
      return;
  }
}

/** Activities and timers that were begun and have said nothing yet, neither in the history nor in the inbox. */
export function openSteps({ history, inbox }: Instance): HistoryEvent[] {
  const answered = new Set([...history, ...inbox].map((event) => event.TaskScheduledId ?? event.TimerId));
  return history.filter(
    ({ EventType, EventId }) =>
      (EventType === EVENT.taskScheduled || EventType === EVENT.timerCreated) && !answered.has(EventId),
  );
}

/**
 * What the Durable extension and the library `durable-functions` say to each other, under their own names: the actions
 * that an orchestrator returns and the history it is replayed with. Only what this app's orchestrations use is here; an
 * action of another kind stops its orchestration with a message that names it.
 */
import { z } from 'zod';

/** The library's numbers for the kinds of action. */
const ACTION_KINDS = [
  'CallActivity',
  'CallActivityWithRetry',
  'CallSubOrchestrator',
  'CallSubOrchestratorWithRetry',
  'ContinueAsNew',
  'CreateTimer',
  'WaitForExternalEvent',
  'CallEntity',
  'CallHttp',
  'SignalEntity',
  'ScheduledSignalEntity',
  'WhenAny',
  'WhenAll',
  'LockEntities',
  'ReleaseEntities',
] as const;

const kindNumber = (kind: (typeof ACTION_KINDS)[number]) => z.literal(ACTION_KINDS.indexOf(kind));
const retryOptions = z.object({
  firstRetryIntervalInMilliseconds: z.number().positive(),
  maxNumberOfAttempts: z.int().min(1),
  backoffCoefficient: z.number().default(1),
  maxRetryIntervalInMilliseconds: z.number().default(6 * 24 * 3_600_000),
});

/** How an activity is repeated. */
export type RetryOptions = z.output<typeof retryOptions>;

const callActivity = z
  .object({ actionType: kindNumber('CallActivity'), functionName: z.string(), input: z.unknown() })
  .transform((action) => ({ ...action, kind: 'CallActivity' as const }));
const callActivityWithRetry = z
  .object({
    actionType: kindNumber('CallActivityWithRetry'),
    functionName: z.string(),
    input: z.unknown(),
    retryOptions,
  })
  .transform((action) => ({ ...action, kind: 'CallActivityWithRetry' as const }));

/** What an orchestrator asks for. */
export type Action =
  | z.output<typeof callActivity>
  | z.output<typeof callActivityWithRetry>
  | { readonly kind: 'WhenAll' | 'WhenAny'; readonly actions: readonly Action[] };

/** An orchestrator asked for something that this host does not do. */
export class UnsupportedActionError extends Error {
  override readonly name = 'UnsupportedActionError';
}

/** @throws {UnsupportedActionError} naming the kind of action. */
function readAction(value: unknown): Action {
  const { actionType, compoundActions } = value as { actionType: number; compoundActions?: unknown[] };
  const kind = ACTION_KINDS[actionType];
  switch (kind) {
    case 'CallActivity':
      return callActivity.parse(value);
    case 'CallActivityWithRetry':
      return callActivityWithRetry.parse(value);
    case 'WhenAll':
    case 'WhenAny':
      return { kind, actions: (compoundActions ?? []).map(readAction) };
    default:
      throw new UnsupportedActionError(`the local host has no orchestration action '${kind ?? actionType}'.`);
  }
}

const orchestratorState = z.object({
  isDone: z.boolean(),
  // From the second schema on there is one list, in a list.
  actions: z.tuple([z.array(z.unknown())]),
  output: z.unknown().optional(),
  error: z.string().optional(),
  customStatus: z.unknown().optional(),
});

/** What an orchestrator returned: every action since its start, and whether it has come to its end. */
export interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly Action[];
  readonly output: unknown;
  readonly error: string | undefined;
  readonly customStatus: unknown;
}

/** @throws {UnsupportedActionError} and what zod throws for what is no orchestrator's state. */
export function readOrchestratorState(json: string): OrchestratorState {
  const { actions, output, error, customStatus, isDone } = orchestratorState.parse(JSON.parse(json));
  return { isDone, actions: actions[0].map(readAction), output, error, customStatus };
}

/** The library's numbers for the kinds of event. */
export const EVENT = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
} as const;

/** An event of an instance's history, as the library reads it. Fields beside these go by the kind. */
export interface HistoryEvent {
  readonly EventType: (typeof EVENT)[keyof typeof EVENT];
  readonly EventId: number;
  readonly Timestamp: string;
  readonly Name?: string;
  readonly Input?: string;
  readonly Result?: string;
  readonly Reason?: string;
  readonly Details?: string;
  readonly TaskScheduledId?: number;
  readonly TimerId?: number;
  readonly FireAt?: string;
}

/** What the orchestrator trigger hands over. */
export function orchestratorInput(
  instanceId: string,
  input: unknown,
  past: readonly HistoryEvent[],
  fresh: readonly HistoryEvent[],
): string {
  return JSON.stringify({
    history: [
      ...past.map((event) => ({ ...event, IsPlayed: true })),
      ...fresh.map((event) => ({ ...event, IsPlayed: false })),
    ],
    input,
    instanceId,
    isReplaying: past.length > 0,
    parentInstanceId: null,
    maximumShortTimerDuration: '6.00:00:00',
    longRunningTimerIntervalDuration: '3.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
  });
}

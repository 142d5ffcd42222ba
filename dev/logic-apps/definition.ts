/**
 * A workflow definition as far as this repository's own use it (Microsoft Learn, "Schema reference for Workflow Definition
 * Language"). definition-schema.ts holds a file to these types.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What an action can end with; the same words stand in `runAfter`. */
export type ActionStatus = 'Succeeded' | 'Failed' | 'TimedOut' | 'Skipped';

export interface WorkflowDefinition {
  readonly parameters: Readonly<Record<string, { readonly type: string }>>;
  readonly triggers: Readonly<Record<string, Trigger>>;
  readonly actions: Actions;
}

export type Trigger = RequestTrigger | HttpTrigger;

export interface RequestTrigger {
  readonly type: 'Request';
  readonly inputs: { readonly method: string };
}

export interface HttpTrigger {
  readonly type: 'Http';
  readonly inputs: HttpInputs;
  readonly conditions?: readonly { readonly expression: string }[];
}

export type Actions = Readonly<Record<string, Action>>;

interface Common {
  readonly runAfter: Readonly<Record<string, readonly ActionStatus[]>>;
}

export type Action = Common &
  (
    | { readonly type: 'Compose'; readonly inputs: Json }
    | HttpAction
    | {
        readonly type: 'Response';
        readonly inputs: ResponseInputs;
        readonly operationOptions?: 'Asynchronous';
      }
    | { readonly type: 'Scope'; readonly actions: Actions }
    | {
        readonly type: 'If';
        readonly expression: Condition;
        readonly actions: Actions;
        readonly else: { readonly actions: Actions };
      }
    | {
        readonly type: 'Switch';
        readonly expression: string;
        readonly cases: Readonly<Record<string, { readonly case: string; readonly actions: Actions }>>;
        readonly default: { readonly actions: Actions };
      }
    | { readonly type: 'Foreach'; readonly foreach: string; readonly actions: Actions }
  );

export interface HttpAction {
  readonly type: 'Http';
  readonly inputs: HttpInputs;
  readonly operationOptions?: 'DisableAsyncPattern';
  /** ISO 8601. */
  readonly limit?: { readonly timeout: string };
}

export interface HttpInputs {
  readonly method: string;
  readonly uri: string;
  readonly headers?: { readonly [name: string]: Json };
  readonly body?: Json;
  readonly authentication?: { readonly type: 'ManagedServiceIdentity'; readonly audience: string };
  readonly retryPolicy?: RetryPolicy;
}

export type RetryPolicy =
  | { readonly type: 'none' }
  | { readonly type: 'fixed'; readonly interval: string; readonly count: number };

export interface ResponseInputs {
  readonly statusCode: Json;
  readonly headers?: { readonly [name: string]: Json };
  readonly body?: Json;
}

export type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly equals: readonly [Json, Json] };

/** The actions inside an action, by the name of their block, one array entry for each. */
export function blocksOf(action: Action): readonly Actions[] {
  switch (action.type) {
    case 'Scope':
    case 'Foreach':
      return [action.actions];
    case 'If':
      return [action.actions, action.else.actions];
    case 'Switch':
      return [...Object.values(action.cases).map(({ actions }) => actions), action.default.actions];
    default:
      return [];
  }
}

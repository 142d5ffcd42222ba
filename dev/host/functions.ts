/** Turns what the app registered into the functions this host can run, and refuses by name what it cannot. */
import { SettingError } from './host-json.ts';
import type { BindingInfo, FunctionMetadata } from './rpc.ts';

interface TriggeredFunction {
  readonly name: string;
  /** Name of the trigger binding: the library finds a trigger's data by it. */
  readonly triggerName: string;
  /** Names of the bindings by which it gets a client of the workflow engine. */
  readonly clientNames: readonly string[];
}

export interface HttpFunction extends TriggeredFunction {
  readonly trigger: 'http';
  /** Upper case. */
  readonly methods: readonly string[];
  readonly authLevel: 'anonymous' | 'function' | 'admin';
  /** As registered, without the prefix and outer slashes; the function's name when it has none. */
  readonly route: string;
}

export interface QueueFunction extends TriggeredFunction {
  readonly trigger: 'queue';
  readonly queueName: string;
  /** Name of the connection setting. */
  readonly connection: string;
  readonly isBinary: boolean;
}

export interface TimerFunction extends TriggeredFunction {
  readonly trigger: 'timer';
  readonly schedule: string;
  readonly runOnStartup: boolean;
}

/** An orchestrator or an activity: run by the workflow engine alone. */
export interface WorkflowFunction extends TriggeredFunction {
  readonly trigger: 'orchestration' | 'activity';
}

export type AppFunction = HttpFunction | QueueFunction | TimerFunction | WorkflowFunction;

const authLevels = ['anonymous', 'function', 'admin'] as const;

/**
 * Those that `AzureWebJobs.NAME.Disabled` has not switched off.
 * @throws {SettingError} naming the function and what this host does not support in it.
 */
export function appFunctions(
  functions: readonly FunctionMetadata[],
  settings: Readonly<Record<string, string>>,
): AppFunction[] {
  return functions
    .filter(({ name }) => !/^(true|1)$/i.test(settings[`AzureWebJobs.${name}.Disabled`] ?? ''))
    .map((metadata) => appFunction(metadata, settings));
}

function appFunction(metadata: FunctionMetadata, settings: Readonly<Record<string, string>>): AppFunction {
  const { name } = metadata;
  const refuse = (what: string) => new SettingError(`Function '${name}': ${what}`);
  const bindings = Object.entries(metadata.bindings);
  const [triggerName, trigger] = bindings.find(([, binding]) => /trigger$/i.test(binding.type)) ?? [];
  if (triggerName === undefined || trigger === undefined) throw refuse('it has no trigger.');
  const isClient = (binding: BindingInfo) => binding.type.toLowerCase() === 'durableclient';
  const other = bindings.find(
    ([, binding]) => binding !== trigger && binding.type.toLowerCase() !== 'http' && !isClient(binding),
  );
  if (other !== undefined) throw refuse(`the local host has no '${other[1].type}' binding.`);
  if (metadata.retryOptions) throw refuse("the local host does not run a trigger's retry policy.");

  const clientNames = bindings.filter(([, binding]) => isClient(binding)).map(([binding]) => binding);
  const common = { name, triggerName, clientNames };
  const text = (option: string, fallback?: string) => {
    const value = trigger[option] ?? fallback;
    if (typeof value !== 'string' || value === '') throw refuse(`its trigger wants a ${option}.`);
    return resolved(value, settings, refuse);
  };
  switch (trigger.type.toLowerCase()) {
    case 'httptrigger':
      return httpFunction(common, trigger, refuse);
    case 'queuetrigger':
      return {
        trigger: 'queue',
        ...common,
        queueName: text('queueName'),
        connection: text('connection', 'AzureWebJobsStorage'),
        isBinary: trigger.dataType === 'binary',
      };
    case 'timertrigger':
      return {
        trigger: 'timer',
        ...common,
        schedule: text('schedule'),
        runOnStartup: trigger.runOnStartup === true,
      };
    case 'orchestrationtrigger':
      return { trigger: 'orchestration', ...common };
    case 'activitytrigger':
      return { trigger: 'activity', ...common };
    default:
      throw refuse(`the local host has no '${trigger.type}' trigger.`);
  }
}

function httpFunction(
  common: TriggeredFunction,
  trigger: BindingInfo,
  refuse: (what: string) => SettingError,
): HttpFunction {
  const authLevel = authLevels.find((level) => level === String(trigger.authLevel).toLowerCase());
  if (authLevel === undefined)
    throw refuse(`authLevel is '${trigger.authLevel}'; it wants ${authLevels.join(', ')}.`);
  const methods = (trigger.methods as string[]).map((method) => method.toUpperCase());
  const route =
    typeof trigger.route === 'string' && trigger.route.trim() !== '' ? trigger.route : common.name;
  return {
    trigger: 'http',
    ...common,
    methods,
    authLevel,
    route: route.trim().replace(/^\/+|\/+$/g, ''),
  };
}

/** Replaces each `%NAME%` by that app setting, as the real host does in a trigger's options. */
function resolved(
  text: string,
  settings: Readonly<Record<string, string>>,
  refuse: (what: string) => SettingError,
): string {
  return text.replace(/%([^%]+)%/g, (_, setting: string) => {
    const value = settings[setting];
    if (value === undefined)
      throw refuse(`its trigger names the app setting '${setting}', which is not set.`);
    return value;
  });
}

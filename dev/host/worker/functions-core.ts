/**
 * The module `@azure/functions-core`, which no package has: the real host's worker injects it, and the library finds
 * its host through it. This is the one way by which everything registers, so supplying it makes an app run.
 */
import { Module } from 'node:module';
import type { FunctionMetadata, LogCategory, LogLevel, TypedData } from '../rpc.ts';

export type FunctionCallback = (...args: unknown[]) => unknown;
type HookCallback = (context: object) => unknown;

/** What the library makes for each invocation; the worker calls the three methods in this order. */
export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: TypedData | null }>;
}

export interface ProgrammingModel {
  getInvocationModel(coreContext: object): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

/** What an app has registered, filled while its entry file loads. */
export interface AppRegistrations {
  readonly functions: Map<string, { metadata: FunctionMetadata; callback: FunctionCallback }>;
  readonly hooks: ReadonlyMap<string, HookCallback[]>;
  /** Shared by every hook of the app, whatever its scope. */
  readonly appHookData: object;
  /** Shared by the start and terminate hooks. */
  readonly appLevelHookData: object;
  programmingModel?: ProgrammingModel;
  /** Set once the app has started: the host has its list by then. */
  locked: boolean;
}

export type CoreLog = (level: LogLevel, category: LogCategory, message: string) => void;

const hookNames = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];

/** The library disposes a registration through this; `from` is part of the module's contract. */
class Disposable {
  readonly dispose: () => unknown;
  constructor(callOnDispose: () => unknown) {
    this.dispose = callOnDispose;
  }
  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }
}

/** Makes `require('@azure/functions-core')` answer, for every module loaded from here on, and returns what it collects. */
export function supplyFunctionsCore(log: CoreLog): AppRegistrations {
  const app: AppRegistrations = {
    functions: new Map(),
    hooks: new Map(hookNames.map((name) => [name, []])),
    appHookData: {},
    appLevelHookData: {},
    locked: false,
  };
  const core = functionsCore(app, log);
  const requireModule = Module.prototype.require;
  Module.prototype.require = function requireOrCore(this: Module, id: string) {
    return id === '@azure/functions-core' ? core : requireModule.call(this, id);
  } as NodeJS.Require;
  return app;
}

function functionsCore(app: AppRegistrations, log: CoreLog): object {
  return {
    version: '3.9.1',
    hostVersion: '4.1037.0.0',
    Disposable,
    log,
    setProgrammingModel(model: ProgrammingModel) {
      app.programmingModel = model;
    },
    getProgrammingModel: () => app.programmingModel,
    registerHook(name: string, callback: HookCallback) {
      const callbacks = app.hooks.get(name);
      if (callbacks === undefined) throw new RangeError(`Unrecognized hook "${name}"`);
      callbacks.push(callback);
      return new Disposable(() => callbacks.splice(callbacks.indexOf(callback), 1));
    },
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
      if (app.locked) throw new Error('A function can only be registered during app startup.');
      if (app.functions.has(metadata.name)) {
        throw new Error(`A function with id "${metadata.name}" has already been registered.`);
      }
      app.functions.set(metadata.name, { metadata, callback });
      return new Disposable(() => app.functions.delete(metadata.name));
    },
  };
}

/** Runs the hooks of one name in the order of their registration. A hook that throws stops what it hooks into. */
export async function runHooks(app: AppRegistrations, name: string, context: object): Promise<void> {
  for (const callback of app.hooks.get(name) ?? []) await callback(context);
}

/** Shows every log line to the app's log hooks, which may change its level and message if the app wrote it. */
export function runLogHooks(
  app: AppRegistrations,
  line: { level: LogLevel; category: LogCategory; message: string },
  invocationContext?: unknown,
): { level: LogLevel; message: string } {
  const context = { ...line, invocationContext, hookData: {}, appHookData: app.appHookData };
  for (const callback of app.hooks.get('log') ?? []) callback(context);
  return line.category === 'user' ? context : line;
}

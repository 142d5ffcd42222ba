/** One invocation inside the worker: the library's invocation model with the app's hooks around it, as the real worker does it. */
import type { InvocationRequest, LogCategory, LogLevel, TypedData } from '../rpc.ts';
import { type AppRegistrations, runHooks } from './functions-core.ts';

/** Takes a line together with the library's context object, once there is one. */
export type InvocationLog = (
  line: { level: LogLevel; category: LogCategory; message: string; functionName: string },
  invocationContext?: unknown,
) => void;

/**
 * Runs one invocation to its end, its HTTP answer or output included, and returns what an activity or orchestrator
 * hands to the engine.
 * @throws whatever the handler, a hook or the library's conversion of the result throws.
 */
export async function runInvocation(
  app: AppRegistrations,
  request: InvocationRequest,
  log: InvocationLog,
): Promise<TypedData | undefined> {
  const registered = app.functions.get(request.functionName);
  if (registered === undefined || app.programmingModel === undefined) {
    throw new Error(`Function code for '${request.functionName}' is not loaded and cannot be invoked.`);
  }
  let invocationContext: unknown;
  const coreContext = {
    invocationId: request.invocationId,
    request,
    metadata: registered.metadata,
    // Read by the library: it warns about logging after the end, except in the hooks after it.
    state: undefined as string | undefined,
    log: (level: LogLevel, category: LogCategory, message: string) =>
      log({ level, category, message, functionName: request.functionName }, invocationContext),
  };
  const inState = async (state: string, work: () => Promise<unknown>) => {
    coreContext.state = state;
    try {
      return await work();
    } finally {
      coreContext.state = undefined;
    }
  };

  const model = await app.programmingModel.getInvocationModel(coreContext);
  const { context, inputs } = await model.getArguments();
  invocationContext = context;
  const shared = { hookData: {}, appHookData: app.appHookData, invocationContext: context };

  const before = { ...shared, inputs, functionCallback: registered.callback };
  await inState('preInvocationHooks', () => runHooks(app, 'preInvocation', before));

  const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
  try {
    after.result = await inState('invocation', () =>
      model.invokeFunction(context, before.inputs, before.functionCallback),
    );
  } catch (error) {
    after.error = error;
  }
  await inState('postInvocationHooks', () => runHooks(app, 'postInvocation', after));
  if (after.error !== null && after.error !== undefined) throw after.error;
  const { returnValue } = await model.getResponse(context, after.result);
  return returnValue ?? undefined;
}

/** Starts a queue or timer function that nothing has triggered: `POST /admin/functions/{name}`. */
import type { AppFunction, QueueFunction, TimerFunction } from './functions.ts';
import type { Invoker } from './invoker.ts';
import type { InvocationRequest } from './rpc.ts';
import { timerInvocation } from './timers.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Resolves once the function has been started, not when it is done. */
export type RunByHand = (appFunction: ByHandFunction, input: string) => Promise<void>;

/** An HTTP function is called by its route, an orchestrator or activity by the workflow engine. */
export type ByHandFunction = QueueFunction | TimerFunction;

export function canRunByHand(appFunction: AppFunction): appFunction is ByHandFunction {
  return appFunction.trigger === 'queue' || appFunction.trigger === 'timer';
}

export function createRunByHand(currentWorker: () => Promise<WorkerProcess>, invoker: Invoker): RunByHand {
  return async function runByHand(appFunction, input) {
    const reason = 'This function was programmatically called via the host APIs.';
    invoker.start(await currentWorker(), reason, invocationOf(appFunction, input));
  };
}

function invocationOf(appFunction: ByHandFunction, input: string): Omit<InvocationRequest, 'invocationId'> {
  if (appFunction.trigger === 'timer') return timerInvocation(appFunction);
  const data = { string: input };
  return {
    functionName: appFunction.name,
    inputData: [{ name: appFunction.triggerName, data }],
    // There is no message, so there is neither an id nor a receipt.
    triggerMetadata: { queueTrigger: data, dequeueCount: { json: '0' } },
  };
}

/** Runs invocations: their log lines, `functionTimeout`, and the count that a drain waits for. */
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { HostLog } from './host-log.ts';
import type { InputData, InvocationRequest, TypedData } from './rpc.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface Invocation {
  readonly invocationId: string;
  /** Resolves with what it returned when the handler has succeeded; rejects with why it has not. */
  readonly done: Promise<TypedData | undefined>;
}

export type StartInvocation = (
  worker: WorkerProcess,
  reason: string,
  request: Omit<InvocationRequest, 'invocationId'>,
) => Invocation;

export interface Invoker {
  readonly start: StartInvocation;
  /** Resolves when no invocation is in flight. */
  idle(): Promise<void>;
}

export interface InvokerOptions {
  readonly log: HostLog;
  /** Absent: no limit. */
  readonly functionTimeoutMs?: number;
  /** From the time-out until the worker is replaced. */
  readonly timeoutGraceMs: number;
  readonly replaceWorker: (worker: WorkerProcess) => void;
  /** What a function gets beside its trigger's data. */
  readonly extraInputs: (functionName: string) => readonly InputData[];
}

export function createInvoker(options: InvokerOptions): Invoker {
  const { log, functionTimeoutMs } = options;
  const events = new EventEmitter();
  let inFlight = 0;

  async function run(
    worker: WorkerProcess,
    reason: string,
    request: InvocationRequest,
  ): Promise<TypedData | undefined> {
    const { functionName, invocationId } = request;
    const startedAt = performance.now();
    const timers: NodeJS.Timeout[] = [];
    log.executing(functionName, reason, invocationId);
    if (functionTimeoutMs !== undefined) {
      timers.push(
        setTimeout(
          () => log.write('error', 'Host', timeoutText(request, functionTimeoutMs)),
          functionTimeoutMs,
        ),
        // The worker cannot end one invocation alone: every other one in it ends too.
        setTimeout(() => options.replaceWorker(worker), functionTimeoutMs + options.timeoutGraceMs),
      );
    }
    inFlight += 1;
    try {
      const returnValue = await worker.invoke(request);
      log.executed(functionName, invocationId, performance.now() - startedAt);
      return returnValue;
    } catch (error) {
      log.executed(functionName, invocationId, performance.now() - startedAt, (error as Error).message);
      throw error;
    } finally {
      for (const timer of timers) clearTimeout(timer);
      inFlight -= 1;
      if (inFlight === 0) events.emit('idle');
    }
  }

  return {
    start(worker, reason, request) {
      const invocationId = randomUUID();
      const inputData = [...request.inputData, ...options.extraInputs(request.functionName)];
      const done = run(worker, reason, { ...request, inputData, invocationId });
      // A caller may only watch the HTTP side of an invocation; the failure is in the log already.
      done.catch(() => {});
      return { invocationId, done };
    },
    async idle() {
      while (inFlight > 0) await once(events, 'idle');
    },
  };
}

function timeoutText({ functionName, invocationId }: InvocationRequest, timeoutMs: number): string {
  return (
    `Timeout value of ${timeoutMs / 1000} s exceeded by function 'Functions.${functionName}' ` +
    `(Id: '${invocationId}'). Initiating cancellation.`
  );
}

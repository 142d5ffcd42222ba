/**
 * The workflow engine as the app's use cases see it, on the client of Durable Functions. The client comes with an
 * invocation, by an input binding; it is the same for every invocation of a worker, so the first one is kept.
 */
import type { FunctionInput, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { EngineUnavailable } from '../jobs/errors.ts';
import type { WorkflowEngine, WorkflowInstance, WorkflowRun } from '../jobs/workflow-ports.ts';
import { orchestratorName } from './names.ts';

export interface DurableEngine extends WorkflowEngine {
  /** Functions that call the engine have it among their extra inputs. */
  readonly input: FunctionInput;
  /** Takes the client from an invocation that has the input; to be called before its handler. */
  learn(context: InvocationContext): void;
}

const STATES: Readonly<Record<string, WorkflowInstance['state']>> = {
  Completed: 'completed',
  Failed: 'failed',
  Terminated: 'terminated',
  Canceled: 'terminated',
};
const ENDED = Object.keys(STATES) as df.OrchestrationRuntimeStatus[];

export function durableEngine(): DurableEngine {
  const input = df.input.durableClient();
  let client: df.DurableClient | undefined;

  async function calling<T>(call: string, run: (known: df.DurableClient) => Promise<T>): Promise<T> {
    try {
      if (client === undefined) throw new Error('no invocation has brought its client yet');
      return await run(client);
    } catch (error) {
      throw new EngineUnavailable(call, { cause: error });
    }
  }

  async function look(ref: string): Promise<WorkflowInstance | undefined> {
    const status = await calling('Get Instance Status', (known) =>
      known.getStatus(ref).catch((error: unknown) => {
        if (isUnknown(error)) return undefined;
        throw error;
      }),
    );
    if (status === undefined) return undefined;
    const state = STATES[status.runtimeStatus] ?? 'alive';
    const { handedAt } = (status.input ?? {}) as Partial<WorkflowRun>;
    const reason = state === 'alive' || status.output == null ? undefined : text(status.output);
    return { handedAt, state, reason };
  }

  return {
    input,
    learn(context) {
      if (client === undefined && context.extraInputs.get(input) !== undefined)
        client = df.getClient(context);
    },
    async start(run) {
      try {
        await calling('Start Instance', (known) =>
          known.startNew(orchestratorName(run.operation), { instanceId: run.ref, input: run }),
        );
        return 'started';
      } catch (error) {
        // The extension says that there is one only in words.
        if ((await look(run.ref))?.state === 'alive') return 'occupied';
        throw error;
      }
    },
    look,
    async terminate(ref) {
      await calling('Terminate Instance', (known) =>
        known.terminate(ref, 'the job is over').catch((error: unknown) => {
          if (!isUnknown(error)) throw error;
        }),
      );
    },
    async purge(createdBefore) {
      await calling('Purge Instance History', (known) =>
        known.purgeInstanceHistoryBy({
          createdTimeFrom: new Date(0),
          createdTimeTo: createdBefore,
          runtimeStatus: ENDED,
        }),
      );
    },
  };
}

/** The client tells an unknown instance from a failure by its message alone. */
function isUnknown(error: unknown): boolean {
  return error instanceof Error && /HTTP 404|No instance with ID/.test(error.message);
}

function text(output: unknown): string {
  return typeof output === 'string' ? output : JSON.stringify(output);
}

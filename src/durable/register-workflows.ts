/** The engine's functions: an orchestrator and its activities for each workflow, and the activity that settles any. */
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Registry } from '../jobs/ports.ts';
import type { RunActivity } from '../jobs/run-activity.ts';
import type { Sender } from '../jobs/send-message.ts';
import type { SettleWorkflow } from '../jobs/settle-workflow.ts';
import type { ActivityOrder, RunKey } from '../jobs/workflow-ports.ts';
import { isWorkflow } from '../operations/workflow.ts';
import { attributes } from '../telemetry/catalogue.ts';
import { hostSpanOf } from '../telemetry/invocation-trace.ts';
import { tracing } from '../telemetry/tracing.ts';
import { activityName, orchestratorName, SETTLE_NAME } from './names.ts';
import { orchestratorOf, type SettleOrder } from './orchestrator.ts';

export interface WorkflowFunctions {
  readonly registry: Registry;
  readonly runActivity: RunActivity;
  readonly settle: SettleWorkflow;
  readonly send: Sender;
}

export function registerWorkflows({ registry, runActivity, settle, send }: WorkflowFunctions): void {
  const workflows = [...registry.values()].filter(isWorkflow);
  if (workflows.length === 0) return;
  for (const workflow of workflows) {
    df.app.orchestration(orchestratorName(workflow.name), orchestratorOf(workflow));
    for (const activity of workflow.activities.keys()) {
      df.app.activity(activityName(workflow.name, activity), {
        handler: (order: ActivityOrder, context: InvocationContext) =>
          traced(activityName(workflow.name, activity), order.run, context, () =>
            runActivity(order, send, context),
          ),
      });
    }
  }
  df.app.activity(SETTLE_NAME, {
    handler: ({ run, failure }: SettleOrder, context: InvocationContext) =>
      traced(SETTLE_NAME, run, context, () => settle(run, failure, send, context)),
  });
}

/** A span of the job's trace. The engine's own spans are of a trace of the host's. */
function traced<T>(
  name: string,
  { ref, operation, attempt, traceparent }: RunKey,
  context: InvocationContext,
  work: () => Promise<T>,
): Promise<T> {
  const told = {
    [attributes.ref]: ref,
    [attributes.operation]: operation,
    [attributes.attempt]: attempt,
  };
  const link = hostSpanOf(context);
  return tracing.trace({ name, kind: 'internal', parent: { traceparent }, link, attributes: told }, work);
}

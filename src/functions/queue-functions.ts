/** The queue-triggered functions: one pair a lane, a worker and the handler of its poison queue. */
import { app, type FunctionInput, type InvocationContext } from '@azure/functions';
import { type DeliverJob, parseMessage } from '../jobs/deliver-job.ts';
import type { JobMessage, TraceContext } from '../jobs/ports.ts';
import type { RevivePoisonedJob } from '../jobs/revive-poisoned-job.ts';
import type { Sender } from '../jobs/send-message.ts';
import { logs } from '../logs.ts';
import { hostSpanOf } from '../telemetry/invocation-trace.ts';
import { tracing } from '../telemetry/tracing.ts';

export interface QueueFunctions {
  readonly lanes: readonly (string | undefined)[];
  readonly queueNameOf: (lane: string | undefined) => string;
  readonly poisonQueueNameOf: (lane: string | undefined) => string;
  /** The setting that names the storage connection. */
  readonly connection: string;
  /** Brings the workflow engine's client. */
  readonly engineInput: FunctionInput;
  /** Puts successor messages that carry the trace on. */
  readonly senderOf: (trace: TraceContext) => Sender;
  readonly deliverIn: (lane: string | undefined) => DeliverJob;
  readonly revive: RevivePoisonedJob;
}

export function registerQueueFunctions(options: QueueFunctions): void {
  const { lanes, queueNameOf, poisonQueueNameOf, connection, engineInput, senderOf, deliverIn, revive } =
    options;
  for (const lane of lanes) {
    const suffix = lane === undefined ? '' : `-${lane}`;
    const queueName = queueNameOf(lane);
    const deliver = deliverIn(lane);
    app.storageQueue(`run-job${suffix}`, {
      queueName,
      connection,
      extraInputs: [engineInput],
      handler: onMessage(queueName, (message, context) =>
        deliver(message, dequeueCountOf(context), senderOf(message), context),
      ),
    });
    const poisonQueueName = poisonQueueNameOf(lane);
    app.storageQueue(`revive-poisoned-job${suffix}`, {
      queueName: poisonQueueName,
      connection,
      handler: onMessage(poisonQueueName, (message, context) => revive(message, senderOf(message), context)),
    });
  }
}

/** A message that names no job is dropped: delivering it again would change nothing. */
function onMessage(
  queue: string,
  handle: (message: JobMessage, context: InvocationContext) => Promise<void>,
) {
  return async function handleMessage(entry: unknown, context: InvocationContext): Promise<void> {
    const message = parseMessage(entry);
    const span = {
      name: `process ${queue}`,
      kind: 'consumer' as const,
      parent: message ?? {},
      link: hostSpanOf(context),
      attributes: {
        'messaging.system': 'azure_queue_storage',
        'messaging.destination.name': queue,
        'messaging.operation.type': 'process',
      },
    };
    await tracing.trace(span, async () => {
      if (message === undefined) logs.messageForeign(context, { queue });
      else await handle(message, context);
    });
  };
}

function dequeueCountOf({ triggerMetadata }: InvocationContext): number {
  return Number(triggerMetadata?.dequeueCount ?? 1);
}

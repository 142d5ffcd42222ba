/** The operations by name, checked once at start. */
import type { Operation } from '../operations/operation.ts';
import { isWorkflow } from '../operations/workflow.ts';
import { Refusal } from './errors.ts';
import type { Registry } from './ports.ts';

/**
 * @param functionTimeoutSeconds the host's; it ends every job of an instance at once, so an operation's own comes first
 * @throws {TypeError} naming the operation that cannot be offered
 */
export function registryOf(
  operations: readonly Operation[],
  functionTimeoutSeconds: number | undefined,
): Registry {
  const registry = new Map<string, Operation>();
  for (const operation of operations) {
    const { name } = operation;
    if (registry.has(name)) throw new TypeError(`operation '${name}' is registered twice`);
    for (const [part, timeoutSeconds] of invocationsOf(operation)) {
      if (functionTimeoutSeconds !== undefined && timeoutSeconds >= functionTimeoutSeconds) {
        throw new TypeError(
          `operation '${name}': ${part} must be below functionTimeout in host.json (${functionTimeoutSeconds} s), got ${timeoutSeconds} s`,
        );
      }
    }
    registry.set(name, operation);
  }
  return registry;
}

/** What of an operation runs within one invocation of the host, and for how long at most. */
function invocationsOf(operation: Operation): [part: string, timeoutSeconds: number][] {
  if (!isWorkflow(operation)) return [['timeout', operation.timeoutSeconds]];
  return [...operation.activities].map(([name, { timeoutSeconds }]) => [
    `activities.${name}.timeout`,
    timeoutSeconds,
  ]);
}

/** The lanes that the operations use; undefined is the common one, which is always there. */
export function lanesOf(registry: Registry): (string | undefined)[] {
  return [...new Set([undefined, ...[...registry.values()].map(({ lane }) => lane)])];
}

/** The operation that a request names. @throws {Refusal} `operation-unknown`, saying which there are. */
export function operationNamed(registry: Registry, name: string): Operation {
  const operation = registry.get(name);
  if (operation !== undefined) return operation;
  const known = [...registry.keys()].join(', ');
  throw new Refusal('operation-unknown', `There is no operation '${name.slice(0, 60)}': there are ${known}.`);
}

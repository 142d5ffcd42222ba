/** The operations by name, checked once at start. */
import type { Operation } from '../operations/operation.ts';
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
    const { name, timeoutSeconds } = operation;
    if (registry.has(name)) throw new TypeError(`operation '${name}' is registered twice`);
    if (functionTimeoutSeconds !== undefined && timeoutSeconds >= functionTimeoutSeconds) {
      throw new TypeError(
        `operation '${name}': timeout must be below functionTimeout in host.json (${functionTimeoutSeconds} s), got ${timeoutSeconds} s`,
      );
    }
    registry.set(name, operation);
  }
  return registry;
}

/** The lanes that the operations use; undefined is the common one, which is always there. */
export function lanesOf(registry: Registry): (string | undefined)[] {
  return [...new Set([undefined, ...[...registry.values()].map(({ lane }) => lane)])];
}

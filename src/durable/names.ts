/** Names of the engine's functions: written here and nowhere else. A host knows its functions by unique names. */

export function orchestratorName(operation: string): string {
  return `orchestrate-${operation}`;
}

export function activityName(operation: string, activity: string): string {
  return `${operation}-${activity}`;
}

/** The activity that ends an attempt without a reply, of every workflow. */
export const SETTLE_NAME = 'settle-workflow';

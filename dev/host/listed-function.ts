/** How a function is shown to whoever started the host, as Core Tools lists it. */
import type { AppFunction } from './functions.ts';

export type ListedFunction =
  | {
      readonly name: string;
      readonly trigger: 'http';
      readonly methods: readonly string[];
      readonly url: string;
    }
  | { readonly name: string; readonly trigger: 'queue'; readonly queueName: string }
  | { readonly name: string; readonly trigger: 'timer'; readonly schedule: string }
  | { readonly name: string; readonly trigger: 'orchestration' | 'activity' };

/** @param baseUrl origin and route prefix, without a slash at the end. */
export function listFunction(appFunction: AppFunction, baseUrl: string): ListedFunction {
  const { name } = appFunction;
  switch (appFunction.trigger) {
    case 'http':
      return { name, trigger: 'http', methods: appFunction.methods, url: `${baseUrl}/${appFunction.route}` };
    case 'queue':
      return { name, trigger: 'queue', queueName: appFunction.queueName };
    case 'timer':
      return { name, trigger: 'timer', schedule: appFunction.schedule };
    case 'orchestration':
    case 'activity':
      return { name, trigger: appFunction.trigger };
  }
}

/** The line of the list that Core Tools prints at start. */
export function listedLine(listed: ListedFunction): string {
  return listed.trigger === 'http'
    ? `\t${listed.name}: [${listed.methods.join(',')}] ${listed.url}`
    : `\t${listed.name}: ${listed.trigger}Trigger`;
}

/** Makes the tables of docs/reliability.md of what the faults did, so that nobody types what a machine has seen. */
import { type Fault, faults, type Point } from './fault.ts';
import type { Played } from './play-scenario.ts';
import type { Scenario } from './scenario.ts';

export interface PlayedScenario {
  readonly scenario: Scenario;
  readonly withoutFault: Played;
  readonly rows: readonly { readonly point: Point; readonly played: Readonly<Record<Fault, Played>> }[];
}

export function faultTables(scenarios: readonly PlayedScenario[]): string {
  const sections = scenarios.map(({ scenario, withoutFault, rows }) => {
    const table = [
      ['step', 'storage call', ...faults],
      ['step', 'storage call', ...faults].map(() => '---'),
      ...rows.map(({ point, played }) => [
        point.occurrence === 0 ? point.step : `${point.step} (${point.occurrence + 1})`,
        point.storageCall,
        ...faults.map((fault) => cell(played[fault])),
      ]),
    ];
    return [
      `### ${scenario.title}`,
      '',
      `${scenario.story} Without a fault: ${cell(withoutFault)}.`,
      '',
      ...table.map((cells) => `| ${cells.join(' | ')} |`),
      '',
    ].join('\n');
  });
  return sections.join('\n');
}

function cell({ heard, end }: Played): string {
  return `${heard}; ${end}`;
}

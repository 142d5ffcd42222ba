/** What the simulation writes into docs/scale.md and docs/images/. A test compares. */
import { limitsTable, planTable } from './capacity.ts';
import type { Measures } from './measures.ts';
import { plotRuns } from './plots.ts';
import type { Scenario } from './scenario.ts';
import { burst, fasterBurst, policies, steady, wave } from './scenarios.ts';
import { simulate } from './simulate.ts';
import { summaryTable } from './summary.ts';

export const PAGE = 'docs/scale.md';

export interface ScalePage {
  /** By name. */
  readonly parts: Readonly<Record<string, string>>;
  /** By file. */
  readonly images: Readonly<Record<string, string>>;
}

export async function scalePage(): Promise<ScalePage> {
  const runs = new Map<Scenario, Measures>();
  for (const scenario of [...policies, ...steady]) runs.set(scenario, await simulate(scenario));
  const named = (scenarios: readonly Scenario[]) =>
    scenarios.flatMap((scenario) => {
      const measures = runs.get(scenario);
      return measures === undefined ? [] : ([[scenario.name, measures]] as const);
    });
  return {
    parts: {
      limits: limitsTable(),
      plan: planTable(),
      burst: summaryTable(named(policies)),
      steady: summaryTable(named(steady)),
    },
    images: {
      'docs/images/simulated-burst.svg': plotRuns('A burst, simulated', named([burst, fasterBurst])),
      'docs/images/simulated-wave.svg': plotRuns('A day in three hours, simulated', named([wave])),
    },
  };
}

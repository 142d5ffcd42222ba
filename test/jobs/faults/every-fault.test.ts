/** Every fault at every storage call of every use case, one at a time. docs/reliability.md is what comes out of it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readPart, writePart } from '../../../dev/generated-part.ts';
import { type JobStorage, startJobStorage } from '../support/job-storage.ts';
import { acceptScenarios } from './accept-scenarios.ts';
import { fastPathScenarios } from './fast-path-scenarios.ts';
import { type Fault, faults } from './fault.ts';
import { handScenarios } from './hand-scenarios.ts';
import { idempotencyScenarios } from './idempotency-scenarios.ts';
import { lostScenarios } from './lost-scenarios.ts';
import { type Played, playScenario } from './play-scenario.ts';
import { poisonScenarios } from './poison-scenarios.ts';
import { recoveryScenarios } from './recovery-scenarios.ts';
import { faultTables, type PlayedScenario } from './reliability-page.ts';
import { runScenarios } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { shutdownScenarios } from './shutdown-scenarios.ts';
import { uploadScenarios } from './upload-scenarios.ts';

const PAGE = 'docs/reliability.md';
const SCENARIO_LIMIT_MS = 90_000;

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());

const scenarios = [
  ...acceptScenarios,
  ...fastPathScenarios,
  ...uploadScenarios,
  ...idempotencyScenarios,
  ...runScenarios,
  ...lostScenarios,
  ...handScenarios,
  ...poisonScenarios,
  ...recoveryScenarios,
  ...shutdownScenarios,
];
const outcomes: PlayedScenario[] = [];

async function playAll(scenario: Scenario): Promise<PlayedScenario> {
  const withoutFault = await playScenario(storage, scenario);
  const rows: PlayedScenario['rows'][number][] = [];
  for (const point of withoutFault.points) {
    const played: Partial<Record<Fault, Played>> = {};
    for (const fault of faults) played[fault] = await playScenario(storage, scenario, { point, fault });
    rows.push({ point, played: played as Record<Fault, Played> });
  }
  return { scenario, withoutFault, rows };
}

test.each(scenarios.map((scenario) => ({ title: scenario.title, scenario })))(
  '$title: every rule holds after every fault',
  async ({ scenario }) => {
    outcomes.push(await playAll(scenario));
  },
  SCENARIO_LIMIT_MS,
);

test(`${PAGE} says what happened (npm run reliability writes it)`, () => {
  const tables = faultTables(outcomes);
  process.stdout.write(tables);
  if (process.env.UPDATE_RELIABILITY === 'true') writePart(PAGE, 'faults', tables);
  expect(readPart(PAGE, 'faults')).toBe(tables);
});

/** docs/scale.md is what `npm run simulate` writes, and the simulation is like a run on the local host. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readPart } from '../../../dev/generated-part.ts';
import { compare, isWithin } from '../../../dev/simulate/check.ts';
import { measuredRun } from '../../../dev/simulate/measured-run.ts';
import { PAGE, scalePage } from '../../../dev/simulate/scale-page.ts';
import { maxPollingMs } from '../../../dev/simulate/scenarios.ts';
import { startFunctionApp } from '../../support/function-app.ts';

test('docs/scale.md and its plots are what the simulation says (npm run simulate)', async () => {
  const { parts, images } = await scalePage();
  for (const [name, text] of Object.entries(parts)) expect(readPart(PAGE, name)).toBe(text);
  for (const [file, svg] of Object.entries(images)) expect(readFileSync(file, 'utf8')).toBe(svg);
}, 60_000);

test('a measured run of as many jobs is within the tolerance that the page states (npm run simulate -- --check)', async () => {
  const polling = new Date(maxPollingMs).toISOString().slice(11, 23);
  const app = await startFunctionApp({
    settings: { AzureFunctionsJobHost__extensions__queues__maxPollingInterval: polling },
  });
  const run = await measuredRun(app.url, 36, 2).finally(() => app.stop());
  const compared = await compare(run, maxPollingMs);
  expect(compared.filter((figure) => !isWithin(figure))).toEqual([]);
}, 60_000);

/** The fuzz run in its short form: `npm run fuzz` tries 200,000 inputs. */
import { expect, test } from '@jest/globals';
import { fuzz } from '../../../dev/fuzz/fuzz.ts';

const RUN_LIMIT_MS = 180_000;

test(
  'nothing crashes, hangs, answers 5xx or is left behind',
  async () => {
    const seed = Date.now() % 2 ** 31;
    const { kinds, aftermath } = await fuzz(3000, seed, () => undefined);
    expect(kinds.reduce((sum, { inputs }) => sum + inputs, 0)).toBeGreaterThanOrEqual(3000);
    const findings = [...kinds.flatMap((kind) => kind.findings), ...aftermath];
    expect(findings.map((finding) => `${finding} (seed ${seed})`)).toEqual([]);
  },
  RUN_LIMIT_MS,
);

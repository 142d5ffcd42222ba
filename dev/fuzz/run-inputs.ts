/** Runs many inputs of one kind, some at once, made from a seed so that a finding can be made again. */
import fc from 'fast-check';

/** What is wrong with what an input set off; undefined where nothing is. */
export type Finding = string | undefined;

export interface Fuzzing {
  readonly kind: string;
  readonly inputs: number;
  /** Inputs that set something off which must not happen, each as text that says how to make it again. */
  readonly findings: readonly string[];
}

/** Findings beyond these would all say the same. */
const MOST_FINDINGS = 10;
/** Made at a time: a sample of all would fill memory. */
const BATCH = 500;

/** Tries `inputs` values of the arbitrary, `atOnce` side by side. */
export async function runInputs<T>(
  kind: string,
  arbitrary: fc.Arbitrary<T>,
  { inputs, seed, atOnce }: { inputs: number; seed: number; atOnce: number },
  tryOne: (input: T) => Promise<Finding>,
): Promise<Fuzzing> {
  const findings: string[] = [];
  let tried = 0;
  while (tried < inputs && findings.length < MOST_FINDINGS) {
    const batchSeed = seed + tried;
    const batch = fc.sample(arbitrary, { numRuns: Math.min(BATCH, inputs - tried), seed: batchSeed });
    let next = 0;
    const work = async () => {
      for (let index = next++; index < batch.length; index = next++) {
        const input = batch[index] as T;
        const finding = await tryOne(input);
        if (finding !== undefined)
          findings.push(`${finding}\n  seed ${batchSeed}, input ${index}: ${shown(input)}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    tried += batch.length;
  }
  return { kind, inputs: tried, findings };
}

function shown(input: unknown): string {
  const text = JSON.stringify(input, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}

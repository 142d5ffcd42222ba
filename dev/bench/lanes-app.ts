/** Builds the app with some operations more that reply at once, each in a lane of its own. */
import { appendFileSync, copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from '../build.ts';

export interface LanesApp {
  /** Absolute path of its entry file. */
  readonly entry: string;
  readonly lanes: readonly { readonly operation: string; readonly lane: string }[];
}

/** @param count of lanes beside the common one, which is always there */
export function buildLanesApp(count: number): LanesApp {
  const folder = `dist/bench/lanes-${count}`;
  rmSync(folder, { recursive: true, force: true });
  cpSync('src', join(folder, 'src'), { recursive: true });
  for (const file of ['host.json', 'package.json']) copyFileSync(file, join(folder, file));
  const lanes = Array.from({ length: count }, (_, index) => ({
    operation: `short-${index + 1}`,
    lane: `lane-${index + 1}`,
  }));
  const declared = lanes.map(
    ({ operation, lane }, index) => `export const short${index + 1} = operation({
  name: '${operation}',
  summary: 'Replies at once.',
  accepts: { 'application/json': z.object({ seconds: z.number() }) },
  lane: '${lane}',
  run: ({ request: { body } }) => ({ json: body }),
});
`,
  );
  const imports = "import * as z from 'zod';\nimport { operation } from './operation.ts';\n";
  writeFileSync(join(folder, 'src/operations/lanes.ts'), imports + declared.join(''));
  appendFileSync(join(folder, 'src/operations/index.ts'), "export * from './lanes.ts';\n");
  return {
    entry: buildApp({ entryFile: join(folder, 'src/main.ts'), outFile: join(folder, 'dist/main.cjs') }),
    lanes,
  };
}

/** Builds the app with some operations more that reply at once, each in a lane of its own. */
import { buildExtendedApp } from './extended-app.ts';

export interface LanesApp {
  /** Absolute path of its entry file. */
  readonly entry: string;
  readonly lanes: readonly { readonly operation: string; readonly lane: string }[];
}

/** @param count of lanes beside the common one, which is always there */
export function buildLanesApp(count: number): LanesApp {
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
  return { entry: buildExtendedApp(`lanes-${count}`, imports + declared.join('')), lanes };
}

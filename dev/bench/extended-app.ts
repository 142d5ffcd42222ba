/** Builds the app with operations that only a bench has. */
import { appendFileSync, copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from '../build.ts';

/**
 * Returns the absolute path of the entry file.
 * @param name of its folder under dist/bench/
 * @param operations source of a module beside the app's own, which exports them
 */
export function buildExtendedApp(name: string, operations: string): string {
  const folder = join('dist/bench', name);
  rmSync(folder, { recursive: true, force: true });
  cpSync('src', join(folder, 'src'), { recursive: true });
  for (const file of ['host.json', 'package.json']) copyFileSync(file, join(folder, file));
  writeFileSync(join(folder, 'src/operations/of-the-bench.ts'), operations);
  appendFileSync(join(folder, 'src/operations/index.ts'), "export * from './of-the-bench.ts';\n");
  return buildApp({ entryFile: join(folder, 'src/main.ts'), outFile: join(folder, 'dist/main.cjs') });
}

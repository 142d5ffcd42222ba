/** Makes `dist/client`, which browsers and Node.js load as it is: one small ES module, with its types beside it. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const rootDir = resolve(import.meta.dirname, '..');

/**
 * Returns the absolute path of the module.
 * @throws {Error} listing file, line and what is wrong.
 */
export function buildClient(): string {
  const outfile = join(rootDir, 'dist/client/index.js');
  buildSync({
    entryPoints: [join(rootDir, 'src/client/index.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    // What Node.js 20 and browsers of three years have.
    target: 'es2022',
    minify: true,
    sourcemap: true,
    logLevel: 'silent',
  });
  const compiler = join(rootDir, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', 'src/client'], {
    cwd: rootDir,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The client's types could not be made.\n${stdout}`);
  return outfile;
}

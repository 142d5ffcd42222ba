/**
 * Bundles the app into one CommonJS file, because a cold start pays for every file it reads.
 * CommonJS: the library finds its host by `require('@azure/functions-core')`, which only the host has.
 */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import {
  type BuildFailure,
  type BuildOptions as BuildOptionsOfEsbuild,
  buildSync,
  formatMessagesSync,
} from 'esbuild';
import { buildClient } from './build-client.ts';
import { buildPages } from './build-pages.ts';

const rootDir = resolve(import.meta.dirname, '..');

/** What cannot be part of a bundle: it is deployed with folders of its own. */
export const NATIVE_PACKAGES = ['sharp'] as const;

const bundling = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  // A third less to parse at every start. Names stay, so stack traces name functions; the map beside it has the lines of the source.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  // The host brings the first. The second reads lists in a format that nobody here asks storage for.
  external: ['@azure/functions-core', 'apache-arrow', ...NATIVE_PACKAGES],
  alias: { axios: './dev/lazy-axios.cjs' },
  logLevel: 'silent',
  absWorkingDir: rootDir,
} satisfies BuildOptionsOfEsbuild;

export interface BuildOptions {
  /** Default: `src/main.ts`, with its pages. Relative to the repository. */
  readonly entryFile?: string;
  /** Default: `dist/main.cjs`. Relative to the repository. */
  readonly outFile?: string;
}

/**
 * Bundles an entry file with everything it imports and returns the absolute path of the bundle.
 * @throws {Error} listing file, line and what is wrong.
 */
export function buildApp(options: BuildOptions = {}): string {
  const entryFile = fromRoot(options.entryFile ?? 'src/main.ts');
  const outFile = fromRoot(options.outFile ?? 'dist/main.cjs');
  try {
    // In one go: the asynchronous way leaves a service process behind.
    buildSync({
      ...bundling,
      entryPoints: [entryFile],
      outfile: outFile,
      sourcemap: true,
      // A process that maps its stack traces holds all of the map in memory, and they name no more than file and line.
      sourcesContent: false,
    });
    if (options.entryFile === undefined) {
      buildSync({
        ...bundling,
        entryPoints: [fromRoot('src/telemetry/open-telemetry/start.ts')],
        outfile: join(dirname(outFile), 'telemetry.cjs'),
      });
      buildPages(join(dirname(outFile), 'pages'));
    }
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (errors === undefined) throw error;
    const messages = formatMessagesSync(errors, { kind: 'error' });
    throw new Error(`${entryFile} could not be built.\n${messages.join('').trimEnd()}`);
  }
  return outFile;
}

function fromRoot(file: string): string {
  return isAbsolute(file) ? file : join(rootDir, file);
}

if (process.argv[1] === import.meta.filename) {
  try {
    console.log(`Built ${buildApp()}`);
    console.log(`Built ${buildClient()}`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

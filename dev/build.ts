/**
 * Bundles what the app's start needs into one CommonJS file, because a cold start pays for every file it reads.
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

/**
 * What the app's start does without, by the name of its stand-in in the bundle (dev/late/). It is a file of its own beside that,
 * late/NAME.cjs: V8 goes through all of a file that it loads, and two fifths of this one would not be called.
 */
export const LATE_PACKAGES = {
  axios: 'axios',
  'clone-deep': 'lodash/cloneDeep',
  identity: '@azure/identity',
  moment: 'moment',
  validator: 'validator',
} as const;

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
    bundle(entryFile, outFile, {
      sourcemap: true,
      // A process that maps its stack traces holds all of the map in memory, and they name no more than file and line.
      sourcesContent: false,
    });
    if (options.entryFile === undefined) {
      bundle(fromRoot('src/telemetry/open-telemetry/start.ts'), join(dirname(outFile), 'telemetry.cjs'));
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

/** Bundles a file, and makes beside the bundle what it loads late. */
function bundle(entryFile: string, outFile: string, options: BuildOptionsOfEsbuild = {}): void {
  const late = Object.entries(LATE_PACKAGES);
  const { metafile } = buildSync({
    ...bundling,
    ...options,
    entryPoints: [entryFile],
    outfile: outFile,
    metafile: true,
    alias: Object.fromEntries(late.map(([name, packageName]) => [packageName, `./dev/late/${name}.cjs`])),
  });
  const wanted = late.filter(([name]) => `dev/late/${name}.cjs` in metafile.inputs);
  buildSync({
    ...bundling,
    entryPoints: wanted.map(([out, packageName]) => ({ in: packageName, out })),
    outdir: join(dirname(outFile), 'late'),
    outExtension: { '.js': '.cjs' },
  });
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

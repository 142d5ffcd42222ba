/** The app as files: each of its own compiled by itself, packages left where npm puts them. What the bundle is measured against. */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

/** Compiles `src/` into a folder, relative to the repository, and returns the absolute path of the entry file. */
export function buildUnbundled(outDir: string): string {
  const { outputFiles } = buildSync({
    entryPoints: readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/^(pages|client)\b/.test(file) && !file.endsWith('.d.ts'))
      .map((file) => join('src', file)),
    outdir: join(outDir, 'src'),
    outbase: 'src',
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    // Without bundling, esbuild leaves the name of a file that is asked for as it stands in the source.
    writeFileSync(path, text.replaceAll(/(require\("\.[^"]*)\.ts"\)/g, '$1.cjs")'));
  }
  // What the sources ask for beside them.
  for (const file of ['host.json', 'package.json']) copyFileSync(file, join(outDir, file));
  return resolve(outDir, 'src/main.cjs');
}

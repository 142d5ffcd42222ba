/**
 * Puts the pages' files beside the app: `pages/docs` and `pages/demo`, every one of them as it is served. Scripts and styles are
 * bundled and made small; Swagger UI's own files are copied from its package, with its licence.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

const sourceDir = join(import.meta.dirname, '../src/pages');
const swaggerFiles = ['swagger-ui-bundle.js', 'swagger-ui.css'];
const licenceFiles = ['LICENSE', 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt'];

/** @throws {BuildFailure} of esbuild */
export function buildPages(outDir: string): void {
  buildPage('docs', outDir);
  buildPage('demo', outDir);
  const swaggerDir = dirname(createRequire(import.meta.filename).resolve('swagger-ui-dist/package.json'));
  for (const file of [...swaggerFiles, ...licenceFiles]) {
    copyFileSync(join(swaggerDir, file), join(outDir, 'docs', file));
  }
}

function buildPage(name: string, outDir: string): void {
  const folder = join(outDir, name);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(sourceDir, name, 'index.html'), join(folder, 'index.html'));
  const styles = name === 'demo' ? [join(sourceDir, name, `${name}.css`)] : [];
  buildSync({
    entryPoints: [join(sourceDir, name, `${name}.ts`), ...styles],
    outdir: folder,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    // `.md` and the like are not packed with the app; a licence is.
    legalComments: 'inline',
    logLevel: 'silent',
  });
}

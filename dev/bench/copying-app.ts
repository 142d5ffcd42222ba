/** Builds the app with one operation more, which only copies: its reply is its request. */
import { appendFileSync, copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from '../build.ts';

const FOLDER = 'dist/bench/copying';

const OPERATION = `
import { operation, stream } from './operation.ts';
export const copy = operation({
  name: 'copy',
  summary: 'Replies with its request.',
  accepts: { 'application/octet-stream': stream },
  replies: ['application/octet-stream'],
  run: async ({ request: { body } }) => ({ stream: body, contentType: 'application/octet-stream' }),
});
`;

/** Returns the absolute path of the entry file. */
export function buildCopyingApp(): string {
  rmSync(FOLDER, { recursive: true, force: true });
  cpSync('src', join(FOLDER, 'src'), { recursive: true });
  for (const file of ['host.json', 'package.json']) copyFileSync(file, join(FOLDER, file));
  writeFileSync(join(FOLDER, 'src/operations/copy.ts'), OPERATION);
  appendFileSync(join(FOLDER, 'src/operations/index.ts'), "export { copy } from './copy.ts';\n");
  return buildApp({ entryFile: join(FOLDER, 'src/main.ts'), outFile: join(FOLDER, 'dist/main.cjs') });
}

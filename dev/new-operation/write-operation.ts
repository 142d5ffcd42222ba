/**
 * Adds an operation to a copy of this repository: its file, its test, its line in the registry, and for a workflow what
 * tests hold every workflow to. Nothing is written unless all of it can be.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { activityName, orchestratorName } from '../../src/durable/names.ts';
import { operation, stream } from '../../src/operations/operation.ts';
import { type OperationNames, runFiles, workflowFiles, workflowPlay } from './templates.ts';

const REGISTRY = 'src/operations/index.ts';
const DIAGNOSTIC_REGISTRY = 'src/operations/diagnostic.ts';
const REPLAY_TEST = 'test/operations/replay-safety.test.ts';
const REGISTRATIONS = 'test/repository/__snapshots__/registrations.test.ts.snap';

/** A name that cannot be used, or a repository that is not as this program knows it. */
export class NewOperationError extends Error {}

export interface NewOperation {
  readonly name: string;
  readonly isWorkflow: boolean;
}

/**
 * @param rootDir the repository's folder
 * @returns the files that were written or changed, relative to it; the operation's own is the first, its test the second
 * @throws {NewOperationError} what is wrong with the name, or which file does not have the place to add to
 */
export function writeOperation(rootDir: string, { name, isWorkflow }: NewOperation): readonly string[] {
  const names = { name, identifier: identifierOf(name) };
  const read = (file: string) => readFileSync(join(rootDir, file), 'utf8');
  refuseTaken(rootDir, names, [read(REGISTRY), read(DIAGNOSTIC_REGISTRY)]);

  const { source, test } = isWorkflow ? workflowFiles(names) : runFiles(names);
  const contents = new Map([
    [`src/operations/${name}.ts`, source],
    [`test/operations/${name}.test.ts`, test],
    [REGISTRY, `${read(REGISTRY)}export { ${names.identifier} } from './${name}.ts';\n`],
  ]);
  if (isWorkflow) {
    const play = workflowPlay(names);
    contents.set(
      REPLAY_TEST,
      added(REPLAY_TEST, read(REPLAY_TEST), /const plays: .*\{\n/, () => play),
    );
    const functions = [
      `${orchestratorName(name)}: orchestration`,
      ...['read', 'measure', 'reply'].map((activity) => `${activityName(name, activity)}: activity`),
    ];
    contents.set(REGISTRATIONS, withRegistrations(read(REGISTRATIONS), functions));
  }
  for (const [file, content] of contents) writeFileSync(join(rootDir, file), content);
  format(
    rootDir,
    [...contents.keys()].filter((file) => file.endsWith('.ts')),
  );
  return [...contents.keys()];
}

/** @throws {NewOperationError} where the authoring API would not take the name, or TypeScript not its identifier. */
function identifierOf(name: string): string {
  try {
    operation({ name, summary: '', accepts: { 'text/plain': stream }, run: () => ({ text: '' }) });
  } catch (error) {
    throw new NewOperationError((error as Error).message);
  }
  const identifier = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  try {
    // Only compiled. In an async generator of strict mode every reserved word is one; the rest are the imports of the file.
    new Script(`async function* f() { 'use strict'; let z, operation, workflow, ${identifier}; }`);
  } catch {
    throw new NewOperationError(
      `'${name}' cannot be used: no constant can be named '${identifier}' in its file.`,
    );
  }
  return identifier;
}

function refuseTaken(rootDir: string, { name, identifier }: OperationNames, registries: string[]): void {
  const places = [`src/operations/${name}.ts`, `src/operations/${name}`, `test/operations/${name}.test.ts`];
  const taken = places.find((file) => existsSync(join(rootDir, file)));
  if (taken !== undefined) throw new NewOperationError(`'${name}' is taken: there is ${taken}.`);
  if (registries.some((text) => new RegExp(`\\b${identifier}\\b`).test(text))) {
    throw new NewOperationError(`'${name}' is taken: the registry has ${identifier} already.`);
  }
}

/** A text with more of it behind the first match. */
function added(file: string, text: string, after: RegExp, more: () => string): string {
  if (!after.test(text)) throw new NewOperationError(`${file} has no ${after} to add a line to.`);
  return text.replace(after, (found) => found + more());
}

/** The snapshot of test/repository/registrations.test.ts with more lines in it, in its order. */
function withRegistrations(snapshot: string, more: readonly string[]): string {
  const lines = /(?<=\n\[\n).*?(?=\n\]\n)/s;
  if (!lines.test(snapshot)) throw new NewOperationError(`${REGISTRATIONS} has no list to add to.`);
  return snapshot.replace(lines, (list) => {
    const known = list.split('\n').map((line) => JSON.parse(line.trim().replace(/,$/, '')) as string);
    return [...known, ...more]
      .toSorted()
      .map((line) => `  ${JSON.stringify(line)},`)
      .join('\n');
  });
}

/** By the project's own rules: a long name wraps lines. */
function format(rootDir: string, files: readonly string[]): void {
  const biome = createRequire(import.meta.filename).resolve('@biomejs/biome/bin/biome');
  execFileSync(process.execPath, [biome, 'check', '--write', ...files], { cwd: rootDir, stdio: 'pipe' });
}

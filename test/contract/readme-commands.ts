/** The curl commands of README.md, run as they stand there on the app under test. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { type AppUnderTest, keyFor, urlAt } from './app-under-test.ts';

const APP_IN_README = 'http://127.0.0.1:7071';

/** The commands that contain a text, in their order. */
export function readmeCommands(containing: string): string[] {
  const commands = [...readFileSync('README.md', 'utf8').matchAll(/^\$ (curl .*)$/gm)];
  return commands.map(([, command = '']) => command).filter((command) => command.includes(containing));
}

/**
 * Resolves with what curl printed.
 * @param variables that the command names
 * @throws {Error} where it fails, or storage answers with an error
 */
export async function runCommand(
  app: AppUnderTest,
  command: string,
  variables: Record<string, string> = {},
): Promise<string> {
  const isToApp = command.includes(APP_IN_README);
  const [, target = ''] = command.split(APP_IN_README);
  // The commands that are given are starts and uploads.
  const keys = Object.entries(
    isToApp ? keyFor(app, 'POST', urlAt(app, target.split(/[?'" ]/)[0] ?? '')) : {},
  );
  const keyed = keys.map(([name, key]) => ` -H '${name}: ${key}'`).join('');
  const line = command
    .replace(/^curl/, `curl -sS${keyed}${isToApp ? '' : ' --fail'}`)
    .replace(APP_IN_README, app.url);
  const run = promisify(execFile);
  return (await run('bash', ['-c', line], { env: { ...process.env, ...variables } })).stdout;
}

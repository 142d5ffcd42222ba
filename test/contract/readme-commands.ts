/** The curl commands of README.md, run as they stand there on the app under test. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { AppUnderTest } from './api.ts';

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
  { url, key }: AppUnderTest,
  command: string,
  variables: Record<string, string> = {},
): Promise<string> {
  const isToApp = command.includes(APP_IN_README);
  const keyed = isToApp && key !== undefined ? ` -H 'x-functions-key: ${key}'` : '';
  const line = command
    .replace(/^curl/, `curl -sS${keyed}${isToApp ? '' : ' --fail'}`)
    .replace(APP_IN_README, url);
  const run = promisify(execFile);
  return (await run('bash', ['-c', line], { env: { ...process.env, ...variables } })).stdout;
}

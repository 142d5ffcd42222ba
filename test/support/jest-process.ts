/** A jest of its own inside the run: on another app, or in a copy of the repository. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { trackProcess } from './processes.ts';

export interface JestProcess {
  /** Default: the repository. */
  readonly cwd?: string;
  /** Of the environment, beside what is there. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Runs jest and resolves with what it says, once it has ended well.
 * @throws {Error} with all it says where a test fails.
 */
export async function runJest(args: readonly string[], options: JestProcess = {}): Promise<string> {
  const child = spawn(process.execPath, [resolve('node_modules/jest/bin/jest.js'), ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: { ...process.env, ...options.variables },
  });
  await trackProcess(child.pid ?? 0, `jest ${args.join(' ')}`);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`jest ended with ${code}:\n${said}`);
  return said;
}

/**
 * `npm start`: builds the app, opens its storage, and runs it under Azure Functions Core Tools (`func start`), which is the
 * real Functions host. Storage is opened here, since `func` without it says so only after a minute, by a stack trace.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, copyFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildApp } from './build.ts';
import { type DevOptions, readCommandLine, usage } from './command-line.ts';
import { openWantedStorage } from './dev-storage.ts';
import { findProgram } from './find-program.ts';
import { SettingError } from './host/local-host.ts';
import { storageInLocalSettings } from './local-settings.ts';

const noCoreTools = `Azure Functions Core Tools are not installed: there is no func on PATH.
  npm install -g azure-functions-core-tools@4
installs them; other ways: https://learn.microsoft.com/azure/azure-functions/functions-run-local
npm run dev runs the same app without them.`;

/** Runs until it is ended, with the exit code of `func`. What goes wrong before is said on stderr, with exit code 1. */
export async function runCoreTools(args: readonly string[]): Promise<void> {
  try {
    const options = readCommandLine(args);
    if (options === undefined) console.log(usage);
    else process.exitCode = await run(options);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

async function run(options: DevOptions): Promise<number> {
  if (findProgram('func') === undefined) throw new SettingError(noCoreTools);
  const appDir = process.cwd();
  makeLocalSettings(appDir);
  buildApp();
  const wanted = process.env.AzureWebJobsStorage ?? storageInLocalSettings(appDir);
  const storage = await openWantedStorage(wanted, options);
  console.log(`Storage: ${storage.description}.`);
  try {
    return await runFunc(options, storage.connectionString);
  } finally {
    await storage.stop();
  }
}

/** Core Tools start nothing without this file, and a clone has none: it is where developers keep what is theirs. */
function makeLocalSettings(appDir: string): void {
  const file = resolve(appDir, 'local.settings.json');
  try {
    copyFileSync(`${file}.example`, file, constants.COPYFILE_EXCL);
    console.log('local.settings.json was not there: it is now a copy of local.settings.json.example.');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function runFunc(options: DevOptions, connectionString: string): Promise<number> {
  const { port, auth, inspectPort } = options;
  const child = spawn('func', ['start', '--port', String(port), ...(auth ? ['--enableAuth'] : [])], {
    stdio: 'inherit',
    // npm's func is a script there, which Windows starts by a shell alone.
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      // What is in the environment wins over local.settings.json.
      AzureWebJobsStorage: connectionString,
      ...(inspectPort !== undefined && {
        languageWorkers__node__arguments: `--inspect=127.0.0.1:${inspectPort}`,
      }),
    },
  });
  // Ctrl-C reaches func by itself; storage has to outlive it.
  const pass = (signal: NodeJS.Signals) => void (signal === 'SIGTERM' && child.kill(signal));
  process.on('SIGINT', pass).on('SIGTERM', pass);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 1;
  } finally {
    process.off('SIGINT', pass).off('SIGTERM', pass);
  }
}

/** Finds the app in its folder, and makes the environment that its process gets. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SettingError } from './host-json.ts';

/** What every program needs to run at all. Everything else the app gets by its app settings, or a test would pass by accident. */
const inherited = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'USERPROFILE',
  'APPDATA',
];

/**
 * The file that the worker loads: `entry`, else `main` of the app's package.json.
 * @throws {SettingError} when it is not there.
 */
export function entryFileOf(appDir: string, entry: string | undefined): string {
  const name = entry ?? mainOf(resolve(appDir, 'package.json'));
  const file = resolve(appDir, name);
  if (!existsSync(file))
    throw new SettingError(`The app's entry point ${file} does not exist: build the app first.`);
  return file;
}

function mainOf(packageFile: string): string {
  let main: unknown;
  try {
    main = JSON.parse(readFileSync(packageFile, 'utf8')).main;
  } catch (error) {
    throw new SettingError(`${packageFile} could not be read: ${(error as Error).message}`);
  }
  if (typeof main !== 'string')
    throw new SettingError(`${packageFile}: main is not set; it wants the app's entry point.`);
  return main;
}

/** The whole environment of the worker: what every program needs, what the host sets, and the app settings, which win. */
export function workerEnvironment(
  settings: Readonly<Record<string, string>>,
  appDir: string,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return {
    ...environment,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    AzureWebJobsScriptRoot: appDir,
    ...settings,
  };
}

/**
 * The Bicep CLI, in a cache of the repository's own: `node dev/bicep.ts` installs it by NuGet (it needs the .NET SDK), once.
 * npm does not bring it, so whoever uses it asks first whether it is there.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '0.49.2';
const rootDir = resolve(import.meta.dirname, '..');
const cacheDir = join(rootDir, '.cache', 'bicep');

/** As NuGet names the platforms that Bicep is built for. */
const platforms: Readonly<Record<string, string>> = {
  'linux x64': 'linux-x64',
  'linux arm64': 'linux-arm64',
  'darwin x64': 'osx-x64',
  'darwin arm64': 'osx-arm64',
  'win32 x64': 'win-x64',
  'win32 arm64': 'win-arm64',
};

/** The absolute path of the program, undefined where it is not installed. */
export function bicepPath(): string | undefined {
  const program = process.platform === 'win32' ? 'bicep.exe' : 'bicep';
  const file = join(cacheDir, packageName().toLowerCase(), VERSION, 'tools', program);
  return existsSync(file) ? file : undefined;
}

export interface BuiltTemplate {
  /** The ARM template. */
  readonly template: unknown;
  /** Every warning and error of the compiler and its linter, one a line. */
  readonly diagnostics: readonly string[];
}

/**
 * Compiles a Bicep file.
 * @throws {Error} with what Bicep says where it does not compile.
 */
export async function buildBicep(program: string, file: string): Promise<BuiltTemplate> {
  return compile(program, 'build', file);
}

/**
 * Compiles every Bicep file that the pattern names, each to a template beside it, in one process: starting the compiler
 * takes longer than compiling. A file with errors gets no template.
 */
export async function buildBicepFiles(program: string, folder: string, pattern: string): Promise<void> {
  const build = promisify(execFile)(program, ['build', '--pattern', pattern], { cwd: folder });
  // It exits 1 where any of the files has errors; the others are compiled all the same.
  await build.catch((error: { code?: unknown }) => {
    if (error.code !== 1) throw error;
  });
}

/**
 * Compiles a parameter file; the diagnostics are those of the Bicep file too.
 * @param variables of the environment, for what the file reads from it
 */
export async function buildBicepParameters(
  program: string,
  file: string,
  variables: Readonly<Record<string, string>>,
): Promise<BuiltTemplate> {
  return compile(program, 'build-params', file, variables);
}

async function compile(
  program: string,
  command: 'build' | 'build-params',
  file: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<BuiltTemplate> {
  const { stdout, stderr } = await promisify(execFile)(program, [command, file, '--stdout'], {
    cwd: rootDir,
    env: { ...process.env, ...variables },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { template: JSON.parse(stdout), diagnostics: stderr.split('\n').filter((line) => line !== '') };
}

function packageName(): string {
  const platform = platforms[`${process.platform} ${process.arch}`] ?? `${process.platform}-${process.arch}`;
  return `Azure.Bicep.CommandLine.${platform}`;
}

function install(): void {
  const properties = {
    BicepPackage: packageName(),
    BicepVersion: VERSION,
    RestorePackagesPath: cacheDir,
    MSBuildProjectExtensionsPath: `${join(cacheDir, 'restore')}/`,
  };
  execFileSync(
    'dotnet',
    [
      'restore',
      join('dev', 'bicep', 'bicep.csproj'),
      ...Object.entries(properties).map(([name, value]) => `-p:${name}=${value}`),
    ],
    { cwd: rootDir, stdio: 'inherit', env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1' } },
  );
}

if (process.argv[1] === import.meta.filename) {
  try {
    if (bicepPath() === undefined) install();
    console.log(bicepPath());
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    console.error(
      code === 'ENOENT' ? 'The Bicep CLI is installed by the .NET SDK: there is no dotnet.' : message,
    );
    process.exitCode = 1;
  }
}

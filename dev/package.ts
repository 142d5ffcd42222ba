/**
 * Makes what is deployed: `package/app`, and the same as `package/app.zip`. The bundle has everything in it but the native
 * packages, which come with their own folders, at the versions of package-lock.json and for the platform that Azure runs
 * on, whatever this machine is. Nothing is installed or built in Azure: what runs there is what was tested.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  createWriteStream,
  globSync,
  mkdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import packageJson from '../package.json' with { type: 'json' };
import { buildApp, NATIVE_PACKAGES } from './build.ts';

const rootDir = resolve(import.meta.dirname, '..');
/** What the Flex Consumption plan runs on. */
const PLATFORM = ['--os=linux', '--cpu=x64', '--libc=glibc'];

export interface Package {
  /** The folder with host.json. */
  readonly folder: string;
  readonly zipFile: string;
  readonly zipBytes: number;
}

/**
 * @param outDir is emptied. Default: `package/`
 * @throws {Error} what does not build, or npm's own words
 */
export async function packageApp(outDir: string = join(rootDir, 'package')): Promise<Package> {
  const folder = join(outDir, 'app');
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  buildApp({ outFile: join(folder, 'dist/main.cjs') });
  copyFileSync(join(rootDir, 'host.json'), join(folder, 'host.json'));
  installNativePackages(folder);
  const zipFile = join(outDir, 'app.zip');
  await zipFolder(folder, zipFile);
  return { folder, zipFile, zipBytes: statSync(zipFile).size };
}

function installNativePackages(folder: string): void {
  const { name, version, license, engines, dependencies } = packageJson;
  const main = 'dist/main.cjs';
  const native = Object.fromEntries(NATIVE_PACKAGES.map((each) => [each, dependencies[each]]));
  const manifest = { name, version, private: true, license, main, engines, dependencies: native };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // npm keeps to the lock for what is left of it, and forgets the rest.
  copyFileSync(join(rootDir, 'package-lock.json'), join(folder, 'package-lock.json'));
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-bin-links', '--prefer-offline'];
  execFileSync('npm', ['install', '--omit=dev', ...PLATFORM, ...quietly], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  for (const file of ['package-lock.json', 'node_modules/.package-lock.json']) rmSync(join(folder, file));
}

/** The same files make the same bytes. */
async function zipFolder(folder: string, zipFile: string): Promise<void> {
  const zip = new ZipFile();
  const files = globSync('**/*', { cwd: folder }).filter((file) => statSync(join(folder, file)).isFile());
  for (const file of files.toSorted()) {
    zip.addFile(join(folder, file), file.replaceAll('\\', '/'), {
      mtime: new Date(1980, 0, 1),
      forceDosTimestamp: true,
      mode: 0o100644,
    });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(zipFile));
}

if (process.argv[1] === import.meta.filename) {
  packageApp().then(
    ({ zipFile, zipBytes }) => console.log(`Packed ${zipFile}: ${(zipBytes / 1e6).toFixed(1)} MB`),
    (error: Error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}

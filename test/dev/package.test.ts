/** What is deployed, unpacked into an empty folder with nothing else, is the app: the contract suite runs on it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LATE_PACKAGES } from '../../dev/build.ts';
import { type Package, packageApp } from '../../dev/package.ts';
import { startDelay, untilEnded } from '../contract/api.ts';
import { madePhoto, readRenditions, startRenditions } from '../contract/renditions.ts';
import { startTestAzurite } from '../support/azurite.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { takeIdentity } from '../support/identity.ts';
import { runJest } from '../support/jest-process.ts';
import { describeWithTool } from '../support/tool.ts';
import { unpack } from '../support/unpack.ts';

const MB = 1_000_000;
/** Measured: 11.3 MB, of which 8 MB are libvips. An instance loads the package before its first answer. */
const ZIP_BUDGET_BYTES = 12 * MB;
/** Measured: 1.9 MB. V8 goes through all of it at every start. */
const BUNDLE_BUDGET_BYTES = 2.2 * MB;

/** Part of the black-box suite: starts, polls, replies, and what is served of the files beside the bundle. */
const CONTRACT = ['start-operation', 'job-status', 'pages'];

const folder = mkdtempSync(join(tmpdir(), 'package-'));
const unpacked = join(folder, 'unpacked');
let made: Package;
let app: FunctionApp;
let sizes: ReadonlyMap<string, number>;

beforeAll(async () => {
  made = await packageApp(join(folder, 'made'));
  sizes = await unpack(made.zipFile, unpacked);
  app = await startFunctionApp({ appDir: unpacked });
}, 120_000);
afterAll(async () => {
  await app?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('has the bundle, that of telemetry, what is late, its pages, the host.json, and native packages for linux-x64: nothing else', () => {
  const groups = [...sizes.keys()].map((name) =>
    name.replace(/^(dist\/pages\/(docs|demo)|node_modules\/(@img\/)?[^/]+)\/.*/, '$1'),
  );
  expect([...new Set(groups)].toSorted()).toEqual([
    ...Object.keys(LATE_PACKAGES).map((name) => `dist/late/${name}.cjs`),
    'dist/main.cjs',
    'dist/main.cjs.map',
    'dist/pages/demo',
    'dist/pages/docs',
    'dist/telemetry.cjs',
    'host.json',
    'node_modules/@img/colour',
    'node_modules/@img/sharp-libvips-linux-x64',
    'node_modules/@img/sharp-linux-x64',
    'node_modules/detect-libc',
    'node_modules/semver',
    'node_modules/sharp',
    'package.json',
  ]);
});

test('installs native packages at the versions of the lock', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  for (const name of [
    'sharp',
    '@img/sharp-linux-x64',
    '@img/sharp-libvips-linux-x64',
    'semver',
    'detect-libc',
  ]) {
    const { version } = JSON.parse(
      readFileSync(join(unpacked, 'node_modules', name, 'package.json'), 'utf8'),
    );
    expect([name, version]).toEqual([name, lock.packages[`node_modules/${name}`].version]);
  }
});

test('has nothing in the bundle that is late, nor what that alone brings', () => {
  const { sources } = JSON.parse(readFileSync(join(unpacked, 'dist/main.cjs.map'), 'utf8'));
  const packages = new Set<string>(
    sources.map((file: string) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]),
  );
  expect(packages).toContain('durable-functions');
  const late = [
    'axios',
    'form-data',
    'lodash',
    '@azure/identity',
    '@azure/msal-common',
    'moment',
    'validator',
  ];
  expect(late.filter((name) => packages.has(name))).toEqual([]);
});

test('keeps to its budget', () => {
  expect(made.zipBytes).toBeLessThan(ZIP_BUDGET_BYTES);
  expect(sizes.get('dist/main.cjs')).toBeLessThan(BUNDLE_BUDGET_BYTES);
});

test('keeps the contract', async () => {
  const files = CONTRACT.map((name) => `test/contract/${name}.test.ts`);
  const said = await runJest(['-w', '1', ...files], { variables: { FUNCTION_APP_URL: app.url } });
  expect(said).toContain(`Test Suites: ${files.length} passed, ${files.length} total`);
}, 180_000);

describeWithTool('openssl', 'by identity', () => {
  test('gets in, by the credentials that it loads for it', async () => {
    const azurite = await startTestAzurite({ tls: (await takeIdentity()).tls });
    try {
      const { connectionString } = azurite;
      const keyless = await startFunctionApp({ appDir: unpacked, connectionString });
      try {
        const job = await startDelay(keyless, { seconds: 0 });
        expect((await untilEnded(keyless, job)).status).toBe('Succeeded');
      } finally {
        await keyless.stop();
      }
    } finally {
      await azurite.stop();
    }
  });
});

/** CI is one. */
const testOnLinux = `${process.platform} ${process.arch}` === 'linux x64' ? test : test.skip;

testOnLinux(
  'renders images by the native package that it brings, in a workflow, which asks by axios',
  async () => {
    const job = await startRenditions(app, await madePhoto(60, 40), 'widths=30&formats=webp');
    expect((await untilEnded(app, job)).status).toBe('Succeeded');
    const { manifest } = await readRenditions(app, job);
    expect(manifest.renditions).toEqual([expect.objectContaining({ format: 'webp', width: 30, height: 20 })]);
  },
);

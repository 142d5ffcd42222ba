import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const program = resolve('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');

/** A small app of the same layers, by file; every arrow in it is one that the design allows, but for those below. */
const allowed: Record<string, string> = {
  'src/config.ts': 'export const settings = {};',
  'src/logs.ts': 'export const logs = {};',
  'src/main.ts':
    "import './config.ts'; import './functions/register.ts'; import './storage/blobs.ts'; import type {} from './telemetry/open-telemetry/start.ts';",
  'src/functions/register.ts':
    "import '@azure/functions'; import '../http/answer.ts'; import '../jobs/job.ts';",
  'src/http/answer.ts':
    "import type { settings } from '../config.ts'; import '../jobs/job.ts'; import '../operations/operation.ts';",
  'src/jobs/job.ts': "import '../logs.ts'; import '../operations/operation.ts';",
  'src/storage/blobs.ts': "import '@azure/storage-blob'; import '../jobs/job.ts';",
  'src/durable/engine.ts': "import 'durable-functions'; import '../jobs/job.ts';",
  'src/operations/operation.ts': "import 'zod';",
  'src/telemetry/tracing.ts': "import '../logs.ts';",
  'src/telemetry/open-telemetry/start.ts': "import '@opentelemetry/api'; import '../tracing.ts';",
  'src/operations/toy.ts': "import './operation.ts';",
  'src/pages/page.ts': "import './part.ts';",
  'src/pages/part.ts': 'export const part = {};',
  'src/client/index.ts': "import './client.ts';",
  'src/client/client.ts': 'export const client = {};',
  'dev/tool.ts': "import '../src/jobs/job.ts';",
};

/** Each file has one arrow that is the wrong way round, and the rule that has to say so. */
const reversed: [file: string, imported: string, rule: string][] = [
  ['src/jobs/knows-http.ts', '../http/answer.ts', 'arrows-of-jobs'],
  ['src/jobs/knows-storage.ts', '../storage/blobs.ts', 'arrows-of-jobs'],
  ['src/jobs/knows-one-operation.ts', '../operations/toy.ts', 'arrows-of-jobs'],
  ['src/jobs/knows-azure.ts', '@azure/functions', 'no-azure-in-the-domain'],
  ['src/storage/knows-http.ts', '../http/answer.ts', 'arrows-of-storage'],
  ['src/http/knows-storage.ts', '../storage/blobs.ts', 'arrows-of-http'],
  ['src/http/knows-functions.ts', '../functions/register.ts', 'arrows-of-http'],
  ['src/http/knows-the-sdk.ts', '@azure/storage-blob', 'sdk-types-stop-in-storage'],
  ['src/http/reads-settings.ts', '../config.ts', 'one-reader-of-the-environment'],
  ['src/durable/knows-storage.ts', '../storage/blobs.ts', 'arrows-of-durable'],
  ['src/functions/knows-the-engine.ts', 'durable-functions', 'engine-types-stop-in-durable'],
  ['src/functions/knows-storage.ts', '../storage/blobs.ts', 'arrows-of-functions'],
  ['src/operations/knows-jobs.ts', '../jobs/job.ts', 'arrows-of-operations'],
  ['src/operations/knows-azure.ts', '@azure/storage-queue', 'no-azure-in-the-domain'],
  ['src/pages/knows-http.ts', '../http/answer.ts', 'arrows-of-pages'],
  ['src/jobs/knows-telemetry.ts', '../telemetry/tracing.ts', 'arrows-of-jobs'],
  ['src/jobs/knows-opentelemetry.ts', '@opentelemetry/api', 'opentelemetry-is-loaded-on-demand'],
  [
    'src/functions/loads-telemetry.ts',
    '../telemetry/open-telemetry/start.ts',
    'opentelemetry-is-loaded-on-demand',
  ],
  ['src/client/knows-the-app.ts', '../http/answer.ts', 'client-stands-alone'],
  ['src/client/knows-node.ts', 'node:buffer', 'client-stands-alone'],
  ['src/client/knows-a-package.ts', 'zod', 'client-stands-alone'],
  ['src/logs-knows-dev.ts', '../dev/tool.ts', 'src-is-the-whole-app'],
  ['src/http/knows-nothing.ts', './gone.ts', 'no-unresolved'],
  ['src/http/round.ts', './turn.ts', 'no-circular'],
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

let folder: string;
let violations: readonly Violation[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layers-'));
  await cp('.dependency-cruiser.cjs', join(folder, '.dependency-cruiser.cjs'));
  await cp('tsconfig.json', join(folder, 'tsconfig.json'));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
  const files = {
    ...allowed,
    'src/http/turn.ts': "import './round.ts';",
    ...Object.fromEntries(reversed.map(([file, imported]) => [file, `import '${imported}';`])),
  };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  violations = await violationsIn(folder);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `npm run layers` finds. By its command line: jest cannot load the package, which is ESM only. */
async function violationsIn(directory: string): Promise<readonly Violation[]> {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src', 'dev'];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    cwd: directory,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout).summary.violations;
}

const rulesBrokenBy = (file: string) =>
  violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);

describe('the layers check refuses', () => {
  test.each(reversed)('%s, which imports %s', (file, _, rule) => {
    expect(rulesBrokenBy(file)).toContain(rule);
  });
});

describe('and lets pass', () => {
  test.each(Object.keys(allowed))('%s', (file) => {
    expect(rulesBrokenBy(file)).toEqual([]);
  });
});

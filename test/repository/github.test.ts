/** What GitHub reads here: workflows that are right and pinned, forms and updates that it takes, names that exist. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { workflowErrors } from './workflow-errors.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const workflows = ['.github/workflows/ci.yml', '.github/workflows/azure-dev.yml'];

test('there are no other workflows', () => {
  expect(
    globSync('.github/workflows/*')
      .map((file) => file.replaceAll('\\', '/'))
      .toSorted(),
  ).toEqual(workflows.toSorted());
});

describe.each(workflows)('%s', (file) => {
  const text = read(file);

  test('is a workflow without a fault', async () => {
    expect(await workflowErrors(file, text)).toEqual([]);
  });

  test.each([
    ['a key', 'runs-on:', 'runs_on:'],
    ['a context', '${{ github.', '${{ git.'],
    ['a permission', 'contents: read', 'content: read'],
  ])('would be told of %s that there is not', async (_, right, wrong) => {
    expect(text).toContain(right);
    expect(await workflowErrors(file, text.replaceAll(right, wrong))).not.toEqual([]);
  });

  test('uses actions by commit, with the version beside it', () => {
    const used = text.match(/^.*\buses:.*$/gm) ?? [];
    expect(used.filter((line) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
    expect(used).not.toEqual([]);
  });

  test('gives each action one version', () => {
    const versions = [...text.matchAll(/uses: (\S+)@(\w+)/g)].map(([, name, commit]) => `${name}@${commit}`);
    const names = new Set(versions.map((version) => version.split('@')[0]));
    expect(new Set(versions).size).toBe(names.size);
  });

  test('keeps no credentials in the clone, and has no secret', () => {
    expect(text.match(/persist-credentials: false/g)).toHaveLength(
      text.match(/actions\/checkout@/g)?.length ?? 0,
    );
    expect(text).not.toMatch(/secrets\./);
  });
});

describe('CI', () => {
  const { jobs, permissions } = parse(read('.github/workflows/ci.yml'));

  test('runs on Linux, Windows and macOS with the oldest Node.js that is promised and the one that the project brings', () => {
    const oldest = Number(/>=(\d+)/.exec(packageJson.engines.node)?.[1]);
    const own = Number(/\^(\d+)/.exec(packageJson.devDependencies.node)?.[1]);
    for (const job of Object.values<{ strategy: { matrix: { node: number[] } } }>(jobs)) {
      expect(job.strategy.matrix.node).toEqual([oldest, own]);
    }
    expect(jobs.linux['runs-on']).toMatch(/^ubuntu-/);
    expect(jobs.elsewhere.strategy.matrix.os).toEqual(['windows-latest', 'macos-latest']);
  });

  test('may read the repository, and nothing more', () => {
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values<object>(jobs)) expect(job).not.toHaveProperty('permissions');
  });

  test('runs on Linux what the README tells a newcomer', () => {
    const runs = jobs.linux.steps.flatMap(({ run }: { run?: string }) => run ?? []);
    expect(runs).toEqual(['.ci/run']);
    expect(existsSync('.ci/run')).toBe(true);
  });
});

describe('the deployment', () => {
  const { jobs, permissions, on } = parse(read('.github/workflows/azure-dev.yml'));
  const { env, if: condition } = jobs.deploy;

  test('signs in by a token, and may do nothing else but read', () => {
    expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  });

  test('reads the variables that azd pipeline config sets, and those that azure.yaml names', () => {
    const { pipeline } = parse(read('azure.yaml'));
    const named = [
      'AZURE_CLIENT_ID',
      'AZURE_ENV_NAME',
      'AZURE_LOCATION',
      'AZURE_SUBSCRIPTION_ID',
      'AZURE_TENANT_ID',
    ];
    expect(Object.keys(env).toSorted()).toEqual([...named, ...pipeline.variables].toSorted());
    for (const [name, value] of Object.entries(env)) expect(value).toBe(`\${{ vars.${name} }}`);
  });

  test('gives the Bicep every variable that its parameters read', () => {
    const wanted = [...read('infra/main.parameters.json').matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    expect(wanted.filter((name) => !(name ?? '' in env))).toEqual([]);
  });

  test('is of commits on main that CI has passed, and never of a fork', () => {
    expect(on.workflow_run.branches).toEqual(['main']);
    expect(on.workflow_run.workflows).toEqual([parse(read('.github/workflows/ci.yml')).name]);
    expect(condition).toContain(
      "workflow_run.conclusion == 'success' && github.event.workflow_run.event == 'push'",
    );
  });
});

describe('Dependabot', () => {
  const { version, updates } = parse(read('.github/dependabot.yml'));
  /** What each ecosystem looks for in its directory. */
  const manifests: Record<string, string> = {
    npm: 'package-lock.json',
    'github-actions': '.github/workflows/ci.yml',
    devcontainers: '.devcontainer/devcontainer.json',
  };

  test('updates packages, actions and the dev container, in groups', () => {
    expect(version).toBe(2);
    const ecosystems = updates.map((update: Record<string, string>) => update['package-ecosystem']);
    expect(ecosystems.toSorted()).toEqual(Object.keys(manifests).toSorted());
    for (const update of updates) {
      expect(update).toMatchObject({
        directory: '/',
        schedule: { interval: 'weekly' },
        groups: expect.any(Object),
      });
      expect(existsSync(manifests[update['package-ecosystem']] ?? '')).toBe(true);
    }
  });

  test('leaves only packages that are there', () => {
    const ignored = updates.flatMap(({ ignore = [] }: { ignore?: Record<string, string>[] }) =>
      ignore.map((each) => each['dependency-name']),
    );
    expect(ignored.filter((name: string) => !(name in packageJson.devDependencies))).toEqual([]);
  });
});

describe('issue forms', () => {
  const element = z.strictObject({
    type: z.enum(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']),
    id: z.string().regex(/^[\w-]+$/),
    attributes: z.strictObject({
      label: z.string(),
      description: z.string().optional(),
      options: z.array(z.string()).optional(),
      render: z.string().optional(),
    }),
    validations: z.strictObject({ required: z.boolean() }).optional(),
  });
  const form = z.strictObject({
    name: z.string(),
    description: z.string(),
    labels: z.array(z.string()),
    body: z.array(element).min(1),
  });
  const files = globSync('.github/ISSUE_TEMPLATE/*.yml');

  test.each(files)('%s is one', (file) => {
    const { body } = form.parse(parse(read(file)));
    for (const unique of [body.map(({ id }) => id), body.map(({ attributes }) => attributes.label)]) {
      expect(new Set(unique).size).toBe(body.length);
    }
  });
});

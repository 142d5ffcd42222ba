/** What editors, containers and tools are told of this repository is true of it: every script, file and task exists. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import devcontainer from '../../.devcontainer/devcontainer.json' with { type: 'json' };
import extensions from '../../.vscode/extensions.json' with { type: 'json' };
import launch from '../../.vscode/launch.json' with { type: 'json' };
import settings from '../../.vscode/settings.json' with { type: 'json' };
import tasks from '../../.vscode/tasks.json' with { type: 'json' };
import packageJson from '../../package.json' with { type: 'json' };

const read = (file: string) => readFileSync(file, 'utf8');
const folders = ['.vscode', '.devcontainer', '.github'];
const files = globSync(folders.map((folder) => `${folder}/**/*.{json,yml,md}`)).toSorted();
/** Of the build and of npm: not in a clone. */
const MADE = /^(dist|package|node_modules)\//;

test('there is something to hold', () => {
  for (const folder of folders) expect(files.filter((file) => file.startsWith(folder))).not.toEqual([]);
});

describe.each(files)('%s', (file) => {
  test('names npm scripts that exist', () => {
    const named = [
      ...read(file).matchAll(/\bnpm (?:run (?:-s )?([a-z:-]+)|(test|start)\b)/g),
      ...read(file).matchAll(/"script": "(.+?)"/g),
    ].map(([, script, shortForm]) => script ?? shortForm ?? '');
    expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });

  test('names files that exist', () => {
    const named = [...read(file).matchAll(/\$\{workspaceFolder\}\/([^"\s]+)|\bnode (\w[\w/.-]+\.ts)\b/g)]
      .map(([, inFolder, run]) => inFolder ?? run ?? '')
      .filter((name) => !MADE.test(name));
    expect(named.filter((name) => globSync(name).length === 0)).toEqual([]);
  });
});

describe('Visual Studio Code', () => {
  const labels = tasks.tasks.map(({ label }) => label);

  test('starts tasks that exist', () => {
    const started = launch.configurations.flatMap(({ preLaunchTask }) => preLaunchTask ?? []);
    expect(
      [...started, settings['azureFunctions.preDeployTask']].filter((it) => !labels.includes(it)),
    ).toEqual([]);
  });

  test('attaches to the port that the tasks open', () => {
    const ports = launch.configurations.flatMap(({ port }) => port ?? []);
    const opened = tasks.tasks.flatMap(({ command }) => /--inspect (\d+)/.exec(command ?? '')?.[1] ?? []);
    expect(new Set([...ports.map(String), ...opened]).size).toBe(1);
  });

  test('knows an app that is up by what it prints', () => {
    const [dev] = tasks.tasks.flatMap(({ problemMatcher }) =>
      typeof problemMatcher === 'object' && 'background' in problemMatcher ? [problemMatcher.background] : [],
    );
    expect(read('dev/run-dev.ts')).toMatch(new RegExp(dev?.endsPattern ?? '$^'));
  });

  test('deploys what npm run package makes, as azd does', () => {
    expect(read('azure.yaml')).toContain(`dist: ${settings['azureFunctions.deploySubpath']}\n`);
    expect(settings['editor.defaultFormatter']).toBe(extensions.recommendations[0]);
  });
});

test('the dev container has the Node.js of the project and the extensions that are recommended', () => {
  const [, major] = /\^(\d+)/.exec(packageJson.devDependencies.node) ?? [];
  expect(devcontainer.image).toContain(`:${major}-`);
  expect(devcontainer.customizations.vscode.extensions).toEqual(extensions.recommendations);
});

describe('.funcignore', () => {
  const patterns = read('.funcignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  /** As Core Tools read it: the beginning of a path, up to the end of a word. Git reads these patterns no wider. */
  const isLeft = (file: string) =>
    patterns.some((pattern) =>
      new RegExp(`^${pattern.slice(1).replaceAll('.', '\\.').replaceAll('*', '[^/]+')}\\b`).test(file),
    );

  test('has patterns that Core Tools and Git read alike', () => {
    expect(patterns.filter((pattern) => !/^\/[^/\s]+(\/|\/[^/\s]+\/)?$/.test(pattern))).toEqual([]);
  });

  test.each([
    'host.json',
    'package.json',
    'dist/main.cjs',
    'dist/pages/demo/demo.js',
    'node_modules/sharp/src/common.cc',
    'node_modules/sharp/package.json',
  ])('publishes %s', (file) => {
    expect(isLeft(file)).toBe(false);
  });

  test('publishes nothing else that a clone has', () => {
    const inClone = globSync(['*', '.*'], { withFileTypes: true, exclude: ['.git', 'dist', 'node_modules'] });
    const kept = inClone
      .map((entry) => (entry.isDirectory() ? `${entry.name}/file` : entry.name))
      .filter((file) => !isLeft(file));
    expect(kept.toSorted()).toEqual([
      '.funcignore',
      'LICENSE',
      'host.json',
      'package-lock.json',
      'package.json',
    ]);
  });
});

/** The Bicep of infra/ compiles without a warning, and what it would deploy is what rules.ts says. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type BuiltTemplate,
  bicepPath,
  buildBicep,
  buildBicepFiles,
  buildBicepParameters,
} from '../../dev/bicep.ts';
import { describeWithFoundTool } from '../support/tool.ts';
import { moduleOf, type Template } from './arm.ts';
import { listsNoKey, rules } from './rules.ts';

const BUILD_MS = 120_000;

describeWithFoundTool('bicep', bicepPath(), 'Bicep of the app', (bicep) => {
  let folder = '';
  let main: BuiltTemplate & { readonly template: Template };

  // Beside the files as they are, a copy for each rule, without what the rule is about.
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'infra-'));
    cpSync('infra', folder, { recursive: true });
    for (const [index, { file, text, instead = '' }] of rules.entries()) {
      const source = readFileSync(join('infra', file), 'utf8');
      writeFileSync(
        join(folder, `changed-${index}.bicep`),
        source.replace(text, () => instead),
      );
    }
    await buildBicepFiles(bicep, folder, '*.bicep');
    main = (await buildBicep(bicep, 'infra/main.bicep')) as typeof main;
  }, BUILD_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const built = (file: string): Template =>
    JSON.parse(readFileSync(join(folder, file.replace(/bicep$/, 'json')), 'utf8'));

  test('compiles without a warning', () => expect(main.diagnostics).toEqual([]));

  test('is made of the files that the rules are about', () => {
    expect(Object.keys(moduleOf(main.template, 'storage').resources)).toContain('account');
    expect(Object.keys(moduleOf(main.template, 'identity').resources)).toContain('usesStorage');
    expect(Object.keys(moduleOf(main.template, 'app').resources)).toContain('app');
  });

  test('asks for no key anywhere', () => listsNoKey(main.template));

  test.each(['dev', 'production'])(
    '%s.bicepparam gives what main.bicep wants, without a warning',
    async (name) => {
      const { template, diagnostics } = await buildBicepParameters(bicep, `infra/${name}.bicepparam`, {
        ENTRA_CLIENT_ID: 'id',
        ALERT_EMAIL: 'operators@example.com',
      });
      expect(diagnostics).toEqual([]);
      const { parameters } = JSON.parse((template as { parametersJson: string }).parametersJson);
      expect(parameters).toHaveProperty('environmentName');
    },
    BUILD_MS,
  );

  test('main.parameters.json, which azd fills in, names parameters that there are', () => {
    const { parameters } = JSON.parse(readFileSync('infra/main.parameters.json', 'utf8'));
    const known = Object.entries(main.template.parameters);
    expect(known.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(parameters)));
    const wanted = known.flatMap(([name, { defaultValue, ...rest }]) =>
      defaultValue === undefined && !('nullable' in rest) ? name : [],
    );
    expect(Object.keys(parameters)).toEqual(expect.arrayContaining(wanted));
  });

  describe.each(rules.map((rule, index) => ({ ...rule, index })))('$file: $says', (rule) => {
    test('holds', () => rule.check(built(rule.file)));

    test('would fail without', () => {
      expect(readFileSync(join('infra', rule.file), 'utf8').split(rule.text)).toHaveLength(2);
      const changed = built(`changed-${rule.index}.bicep`);
      expect(() => rule.check(changed)).toThrow();
    });
  });
});

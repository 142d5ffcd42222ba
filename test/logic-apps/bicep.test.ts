/** The Bicep of the Logic Apps compiles without a warning, and what it would deploy is what was tested here. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BuiltTemplate, bicepPath, buildBicep } from '../../dev/bicep.ts';
import { describeWithFoundTool } from '../support/tool.ts';

interface Resource {
  readonly type: string;
  readonly name: string;
  readonly scope?: string;
  readonly dependsOn?: readonly string[];
  readonly identity?: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly parameters: Readonly<Record<string, { readonly type: string }>>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
}

const folder = 'infra/logic-apps';
const json = (file: string) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
const workflowsOf = ({ resources }: Template) =>
  resources.filter(({ type }) => type === 'Microsoft.Logic/workflows');
const lastPart = (id: string | undefined) => /'([^']*)'[^']*$/.exec(id ?? '')?.[1];

/** `loadJsonContent` puts a file into a variable. */
function definitionOf(template: Template, { properties }: Resource): unknown {
  const variable = /^\[variables\('(.*)'\)\]$/.exec(String(properties.definition))?.[1] ?? '';
  return template.variables[variable];
}

describeWithFoundTool('bicep', bicepPath(), 'Bicep of the Logic Apps', (bicep) => {
  const built = (file: string) => {
    let result: BuiltTemplate | undefined;
    beforeAll(async () => {
      result = await buildBicep(bicep, `${folder}/${file}`);
    }, 60_000);
    return () => result as { readonly template: Template; readonly diagnostics: readonly string[] };
  };

  describe.each(['synchronous', 'asynchronous'])('%s facade', (kind) => {
    const result = built(`${kind}-facade/main.bicep`);

    test('compiles without a warning', () => expect(result().diagnostics).toEqual([]));

    test('deploys the definition that was run here', () => {
      const { template } = result();
      const [module] = template.resources as [Resource];
      const { parameters, template: nested } = module.properties as {
        parameters: Record<string, { value: unknown }>;
        template: Template;
      };
      expect(template.variables[lastPart(String(parameters.definition?.value)) ?? '']).toEqual(
        json(`${kind}-facade/workflow.json`),
      );
      const [workflow] = workflowsOf(nested);
      expect(workflow?.properties.definition).toBe("[parameters('definition')]");
      expect(Object.keys(workflow?.properties.parameters as object)).toEqual(
        Object.keys(json(`${kind}-facade/workflow.json`).parameters),
      );
    });

    test('takes the key as a secret and puts nothing secret out', () => {
      const { template } = result();
      expect(template.parameters.appKey?.type).toBe('securestring');
      const [module] = template.resources as [Resource];
      const nested = module.properties.template as Template;
      expect(nested.parameters.appKey?.type).toBe('securestring');
      expect(JSON.stringify([template.outputs, nested.outputs])).not.toMatch(/list\w+\(|appKey/);
    });
  });

  describe('Logic Apps alone', () => {
    const result = built('logic-apps-alone/main.bicep');
    const workflow = (kind: string) =>
      workflowsOf(result().template).find(({ name }) => name.includes(`-${kind}'`)) as Resource;

    test('compiles without a warning', () => expect(result().diagnostics).toEqual([]));

    test.each(['submit', 'worker', 'status'])('%s: the definition that was run here, by identity', (kind) => {
      const definition = json(`logic-apps-alone/${kind}.workflow.json`);
      expect(definitionOf(result().template, workflow(kind))).toEqual(definition);
      expect(workflow(kind).identity).toEqual({ type: 'SystemAssigned' });
      expect(Object.keys(workflow(kind).properties.parameters as object)).toEqual(
        Object.keys(definition.parameters),
      );
    });

    test('exactly these roles, each on one container or queue', () => {
      const { template } = result();
      const roles = template.resources
        .filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments')
        .map(({ scope, properties }) => [
          /format\('\{0\}-(\w+)'/.exec(String(properties.principalId))?.[1],
          lastPart(String(properties.roleDefinitionId)),
          lastPart(scope),
        ]);
      expect(roles.toSorted()).toEqual(
        [
          ['submit', 'blobContributor', 'containerName'],
          ['submit', 'messageSender', 'queueName'],
          ['worker', 'blobContributor', 'containerName'],
          ['worker', 'messageProcessor', 'queueName'],
          ['status', 'blobReader', 'containerName'],
        ].toSorted(),
      );
    });

    test('submit learns the status URL from the workflow, which is there before it', () => {
      const { parameters } = workflow('submit').properties as {
        parameters: Record<string, { value: string }>;
      };
      expect(parameters.statusUrl?.value).toMatch(/listCallbackUrl\(.*-status.*\)\.value\]$/);
      expect(workflow('submit').dependsOn?.join()).toContain('-status');
    });

    test('no key is listed, and nothing secret is put out', () => {
      const { template } = result();
      expect(JSON.stringify(template.resources)).not.toMatch(/listKeys|listAccountSas/i);
      expect(JSON.stringify(template.outputs)).not.toMatch(/list\w+\(/);
    });
  });
});

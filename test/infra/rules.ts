/**
 * What must be true of what is deployed, each with the change of the Bicep that makes it untrue: bicep.test.ts wants
 * every check to hold as it is and to fail after the change.
 */
import { expect } from '@jest/globals';
import { settings } from '../../src/config.ts';
import { registryOf } from '../../src/jobs/registry.ts';
import { uploadRetentionSeconds } from '../../src/jobs/upload.ts';
import * as operations from '../../src/operations/index.ts';
import {
  APP_CONTAINER,
  JOBS_CONTAINER,
  SCRATCH_CONTAINER,
  UPLOADS_CONTAINER,
} from '../../src/storage/names.ts';
import { resourceOf, type Template } from './arm.ts';
import { alertRules, insightsRules, workbookRules } from './monitoring-rules.ts';
import type { Rule } from './rule.ts';

const DAY_SECONDS = 86_400;
const roleIds = {
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  'Storage Blob Delegator': 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a',
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
} as const;

const account = (template: Template) => resourceOf(template, 'account').properties;
const corsOf = (template: Template) => resourceOf(template, 'account::blobs').properties.cors.corsRules;
const lifecycleOf = (template: Template) =>
  resourceOf(template, 'account::lifecycle').properties.policy.rules.map(
    ({ definition }: { definition: unknown }) => definition,
  );
const site = (template: Template) => resourceOf(template, 'app').properties;
const appSettings = (template: Template): string => site(template).siteConfig.appSettings;
const signIn = (template: Template) => resourceOf(template, 'app::signIn').properties;

/** Callback URLs of Logic Apps pass between workflows in docs/facades.md; no other secret is asked for. */
export function listsNoKey(template: Template): void {
  const asked = JSON.stringify(template).match(/\blist\w+\(/g) ?? [];
  expect(asked.filter((name) => name !== 'listCallbackUrl(')).toEqual([]);
}

const storage: readonly Omit<Rule, 'file'>[] = [
  {
    says: 'no shared key opens the account',
    text: 'allowSharedKeyAccess: false',
    check: (template) => expect(account(template).allowSharedKeyAccess).toBe(false),
  },
  {
    says: 'no blob is public',
    text: 'allowBlobPublicAccess: false',
    check: (template) => expect(account(template).allowBlobPublicAccess).toBe(false),
  },
  {
    says: 'https only',
    text: 'supportsHttpsTrafficOnly: true',
    check: (template) => expect(account(template).supportsHttpsTrafficOnly).toBe(true),
  },
  {
    says: 'TLS 1.2 at least',
    text: "minimumTlsVersion: 'TLS1_2'",
    check: (template) => expect(account(template).minimumTlsVersion).toBe('TLS1_2'),
  },
  {
    says: 'in a private network nothing else gets in',
    text: "publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'",
    check: (template) =>
      expect(account(template).publicNetworkAccess).toBe(
        "[if(parameters('isPrivate'), 'Disabled', 'Enabled')]",
      ),
  },
  ...['origin', 'method', 'header'].map((what) => {
    const key = `allowed${what[0]?.toUpperCase()}${what.slice(1)}s`;
    const values = what === 'method' ? ['GET', 'HEAD', 'PUT'] : ['*'];
    return {
      says: `browsers of any origin reach replies and uploads: ${what}s`,
      text: `${key}: [${values.map((value) => `'${value}'`).join(', ')}]`,
      check: (template: Template) => {
        expect(corsOf(template)).toHaveLength(1);
        expect(corsOf(template)[0][key]).toEqual(values);
      },
    };
  }),
  {
    says: 'a deleted job is not kept',
    text: 'deleteRetentionPolicy: { enabled: false }',
    check: (template) =>
      expect(resourceOf(template, 'account::blobs').properties.deleteRetentionPolicy).toEqual({
        enabled: false,
      }),
  },
  {
    says: 'what the sweep leaves is removed in the end',
    text: 'baseBlob: { delete: { daysAfterModificationGreaterThan: removeAfterDays } }',
    check: (template) =>
      expect(lifecycleOf(template)).toEqual([
        expect.objectContaining({
          actions: {
            baseBlob: {
              delete: { daysAfterModificationGreaterThan: "[parameters('removeAfterDays')]" },
            },
          },
        }),
      ]),
  },
  {
    says: 'only jobs, uploads and scratch are removed, never the secret of the app',
    text: "prefixMatch: ['jobs/', 'uploads/', 'scratch/']",
    check: (template) => {
      const [{ filters }] = lifecycleOf(template);
      expect(filters.prefixMatch).toEqual([
        `${JOBS_CONTAINER}/`,
        `${UPLOADS_CONTAINER}/`,
        `${SCRATCH_CONTAINER}/`,
      ]);
      expect(filters.prefixMatch).not.toContain(`${APP_CONTAINER}/`);
    },
  },
  {
    says: 'no key is asked for',
    text: 'output packageContainerUrl string',
    instead: 'output key string = account.listKeys().keys[0].value\noutput packageContainerUrl string',
    check: listsNoKey,
  },
];

const identity: readonly Omit<Rule, 'file'>[] = [
  ...Object.entries(roleIds).map(([role, id]) => ({
    says: `the app is ${role}`,
    text: id,
    instead: '00000000-0000-0000-0000-000000000000',
    check: (template: Template) => expect(Object.values(template.variables.storageRoles)).toContain(id),
  })),
  {
    says: 'the app has no other role on storage',
    text: 'blobDelegator:',
    instead: "accountContributor: '17d1049b-9a84-46fb-8f53-869881c3d3ab'\n  blobDelegator:",
    check: (template) =>
      expect(Object.values(template.variables.storageRoles).toSorted()).toEqual(
        Object.values(roleIds).toSorted(),
      ),
  },
  {
    says: 'its roles count on its own account alone',
    text: 'scope: account',
    check: (template) =>
      expect(resourceOf(template, 'usesStorage').scope).toMatch(/storageAccounts', parameters\(/),
  },
  {
    says: 'it may send telemetry, to its own Application Insights alone',
    text: 'scope: insights',
    check: (template) => {
      const { scope, properties } = resourceOf(template, 'sendsTelemetry');
      expect(scope).toMatch(/^\[resourceId\('Microsoft.Insights\/components', parameters\(/);
      expect(properties.roleDefinitionId).toContain('monitoringMetricsPublisher');
      expect(template.variables.monitoringMetricsPublisher).toBe('3913510d-42f4-4e42-8a64-420c390055eb');
    },
  },
  {
    says: 'nothing else is assigned',
    text: "resource sendsTelemetry '",
    instead: `resource more 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(identity.id)
  properties: { principalId: identity.properties.principalId, roleDefinitionId: monitoringMetricsPublisher }
}
resource sendsTelemetry '`,
    check: (template) =>
      expect(
        Object.entries(template.resources).flatMap(([name, { type }]) =>
          type === 'Microsoft.Authorization/roleAssignments' ? name : [],
        ),
      ).toEqual(['usesStorage', 'sendsTelemetry']),
  },
];

const app: readonly Omit<Rule, 'file'>[] = [
  {
    says: 'https only',
    text: 'httpsOnly: true',
    check: (template) => expect(site(template).httpsOnly).toBe(true),
  },
  {
    says: 'TLS 1.2 at least',
    text: "    minTlsVersion: '1.2'",
    check: (template) => expect(site(template).siteConfig.minTlsVersion).toBe('1.2'),
  },
  {
    says: 'no password deploys',
    text: "name: 'scm'\n    properties: { allow: false }",
    instead: "name: 'scm'\n    properties: { allow: true }",
    check: (template) =>
      expect(resourceOf(template, 'app::noPasswordForDeployment').properties.allow).toBe(false),
  },
  {
    says: 'the app has the one identity',
    text: "type: 'UserAssigned'\n",
    instead: "type: 'SystemAssigned, UserAssigned'\n",
    check: (template) => {
      const { type, userAssignedIdentities = {} } = resourceOf(template, 'app').identity ?? {};
      expect([type, Object.keys(userAssignedIdentities)]).toEqual([
        'UserAssigned',
        ["[format('{0}', parameters('identityId'))]"],
      ]);
    },
  },
  {
    says: 'its package is read by identity',
    text: "type: 'UserAssignedIdentity'",
    instead: "type: 'StorageAccountConnectionString'",
    check: (template) =>
      expect(site(template).functionAppConfig.deployment.storage.authentication).toEqual({
        type: 'UserAssignedIdentity',
        userAssignedIdentityResourceId: "[parameters('identityId')]",
      }),
  },
  ...[
    ['AzureWebJobsStorage__accountName', 'storageAccountName', "parameters('storageAccountName')"],
    ['AzureWebJobsStorage__credential', "'managedidentity'", "'managedidentity'"],
    ['AzureWebJobsStorage__clientId', 'identityClientId', "parameters('identityClientId')"],
    [
      'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Bicep's
      "'ClientId=${identityClientId};Authorization=AAD'",
      "format('ClientId={0};Authorization=AAD', parameters('identityClientId'))",
    ],
    ['FUNCTIONS_REQUEST_BODY_SIZE_LIMIT', 'string(bodyLimitBytes)', "string(variables('bodyLimitBytes'))"],
  ].map(([name, text, value]) => ({
    says: `the host is told ${name}`,
    text: `  ${name}: ${text}\n`,
    check: (template: Template) => expect(appSettings(template)).toContain(`'${name}', ${value}`),
  })),
  {
    says: 'no connection string of storage is set',
    text: '  AzureWebJobsStorage__accountName: ',
    instead: "  AzureWebJobsStorage: 'AccountKey=secret'\n  AzureWebJobsStorage__accountName: ",
    check: (template) => {
      expect(appSettings(template)).not.toMatch(/'(AzureWebJobsStorage|JobStorage)'|AccountKey/);
      listsNoKey(template);
    },
  },
  {
    says: 'the body limit of the host is over that of the app',
    text: ' + 1048576',
    check: (template) => {
      const [, fallback, more] =
        /^\[add\(coalesce\(tryGet\(parameters\('settings'\), 'MAX_REQUEST_BYTES'\), (\d+)\), (\d+)\)\]$/.exec(
          template.variables.bodyLimitBytes,
        ) ?? [];
      expect(Number(fallback)).toBe(settings.MAX_REQUEST_BYTES.parse(undefined));
      expect(Number(more)).toBeGreaterThan(0);
    },
  },
  {
    says: 'the settings reach the app',
    text: 'union(textOf(settings), hostSettings)',
    instead: 'hostSettings',
    check: (template) => expect(appSettings(template)).toContain("textOf(parameters('settings'))"),
  },
  {
    says: 'CORS is left to the app',
    text: "ftpsState: 'Disabled'",
    instead: "cors: { allowedOrigins: ['*'] }",
    check: (template) => expect(site(template).siteConfig).not.toHaveProperty('cors'),
  },
  {
    says: 'where only some addresses may call, no other may',
    text: "ipSecurityRestrictionsDefaultAction: empty(allowedIpRanges) ? 'Allow' : 'Deny'",
    check: (template) =>
      expect(site(template).siteConfig.ipSecurityRestrictionsDefaultAction).toBe(
        "[if(empty(parameters('allowedIpRanges')), 'Allow', 'Deny')]",
      ),
  },
  {
    says: 'whoever has not signed in gets as far as the app, which answers 401',
    text: "unauthenticatedClientAction: 'AllowAnonymous'",
    instead: "unauthenticatedClientAction: 'Return401'",
    check: (template) =>
      expect(signIn(template).globalValidation).toEqual({
        requireAuthentication: false,
        unauthenticatedClientAction: 'AllowAnonymous',
      }),
  },
  {
    says: 'signing in is checked only where it is asked for',
    text: ' = if (authentication != null) {',
    instead: ' = {',
    check: (template) =>
      expect(resourceOf(template, 'app::signIn').condition).toBe(
        "[not(equals(parameters('authentication'), null()))]",
      ),
  },
  {
    says: 'a token for somebody else does not count',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Bicep's
    text: "allowedAudiences: authentication.?audiences ?? ['api://${authentication.?clientId}']",
    check: (template) =>
      expect(signIn(template).identityProviders.azureActiveDirectory.validation.allowedAudiences).toMatch(
        /'audiences'.*'api:\/\/\{0\}'/,
      ),
  },
  {
    says: 'azd finds the app',
    text: "union(tags, { 'azd-service-name': 'app' })",
    instead: 'tags',
    check: (template) =>
      expect(resourceOf(template, 'app').tags).toContain("createObject('azd-service-name', 'app')"),
  },
  ...['instanceMemoryMB', 'maximumInstanceCount', 'alwaysReady'].map((name) => ({
    says: `scale is chosen: ${name}`,
    text: `        ${name}: ${name}\n`,
    check: (template: Template) =>
      expect(site(template).functionAppConfig.scaleAndConcurrency[name]).toBe(`[parameters('${name}')]`),
  })),
  {
    says: 'concurrency is chosen',
    text: 'triggers: { http: { perInstanceConcurrency: httpConcurrency } }',
    check: (template) =>
      expect(site(template).functionAppConfig.scaleAndConcurrency.triggers).toEqual({
        http: { perInstanceConcurrency: "[parameters('httpConcurrency')]" },
      }),
  },
];

const main: readonly Omit<Rule, 'file'>[] = [
  {
    says: 'storage removes nothing that an operation still promises',
    text: 'param removeAfterDays int = 30',
    instead: 'param removeAfterDays int = 6',
    check: (template) => {
      const longestSeconds = uploadRetentionSeconds(registryOf(Object.values(operations), undefined));
      const days = Number(template.parameters.removeAfterDays?.defaultValue);
      expect(days * DAY_SECONDS).toBeGreaterThan(longestSeconds);
    },
  },
  {
    says: 'in a private network replies pass through the app',
    text: "union(privateNetwork ? { REPLY_MODE: 'stream' } : {}, settings)",
    instead: 'settings',
    check: (template) =>
      expect(resourceOf(template, 'app').properties.parameters.settings.value).toMatch(
        /if\(parameters\('privateNetwork'\), createObject\('REPLY_MODE', 'stream'\)/,
      ),
  },
  ...[
    ['network', '(privateNetwork)', "[parameters('privateNetwork')]"],
    ['alerts', '(!empty(alertEmail))', "[not(empty(parameters('alertEmail')))]"],
  ].map(([name, text, condition]) => ({
    says: `deployed only where it is asked for: ${name}`,
    text: `module ${name} '${name}.bicep' = if ${text} {`,
    instead: `module ${name} '${name}.bicep' = {`,
    check: (template: Template) => expect(resourceOf(template, name ?? '').condition).toBe(condition),
  })),
  {
    says: 'the key of the facades is a secret',
    text: '@secure()\n',
    check: (template) => expect(template.parameters.facadeKey?.type).toBe('securestring'),
  },
  {
    says: 'names are all that is put out',
    text: 'output APP_URL',
    instead: 'output APP_KEY string = facadeKey\noutput APP_URL',
    check: (template) =>
      expect(Object.keys(template.outputs)).toEqual([
        'AZURE_LOCATION',
        'AZURE_RESOURCE_GROUP',
        'APP_NAME',
        'APP_URL',
      ]),
  },
];

const inFile = (file: string, rules: readonly Omit<Rule, 'file'>[]): Rule[] =>
  rules.map((rule) => ({ file, ...rule }));

export const rules: readonly Rule[] = [
  ...inFile('storage.bicep', storage),
  ...inFile('identity.bicep', identity),
  ...inFile('function-app.bicep', app),
  ...inFile('main.bicep', main),
  ...inFile('alerts.bicep', alertRules),
  ...inFile('workbook.bicep', workbookRules),
  ...inFile('monitoring.bicep', insightsRules),
  ...inFile('network.bicep', [
    {
      says: 'storage is reached within the network as all that the app uses of it',
      text: "['blob', 'queue', 'table']",
      instead: "['blob', 'queue']",
      check: (template) => expect(template.variables.services).toEqual(['blob', 'queue', 'table']),
    },
  ]),
  ...inFile('app-settings.bicep', [
    {
      says: 'every setting of the app can be given, and no other',
      text: '  DEMO_PAGE: bool?',
      instead: '  DEMO_PAGES: bool?',
      check: (template) =>
        expect(Object.keys(template.definitions.AppSettings?.properties ?? {}).toSorted()).toEqual(
          Object.keys(settings).toSorted(),
        ),
    },
  ]),
];

/** What must be true of where telemetry goes, of the alerts and of the workbook. What the queries say is in queries.test.ts. */
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { resourceOf, type Template } from './arm.ts';
import type { Rule } from './rule.ts';

type Rules = readonly Omit<Rule, 'file'>[];

/** A query as Bicep has it: a variable with the text of the file. */
function loaded(template: Template, expression: string): string {
  const [, name = ''] = /^\[variables\('(.*)'\)\]$/.exec(expression) ?? [];
  return template.variables[name] ?? expression;
}
const fileText = (name: string) => readFileSync(`infra/queries/${name}.kql`, 'utf8');

export const insightsRules: Rules = [
  {
    says: 'telemetry is taken by identity alone',
    text: 'DisableLocalAuth: true',
    check: (template) => expect(resourceOf(template, 'insights').properties.DisableLocalAuth).toBe(true),
  },
  {
    says: 'the workspace has no key of its own',
    text: 'features: { disableLocalAuth: true }',
    check: (template) =>
      expect(resourceOf(template, 'workspace').properties.features).toEqual({ disableLocalAuth: true }),
  },
];

const alertOf = (template: Template, name: string) =>
  template.variables.alerts.find((alert: { readonly name: string }) => alert.name === name);
const byLog = (template: Template) => resourceOf(template, 'byLog').properties;
const criterion = (template: Template) => byLog(template).criteria.allOf[0];

/** What each alert looks at, and the column it puts together over a quarter of an hour. */
const measures = {
  'oldest-message': ['seconds', 'Maximum'],
  'jobs-fail': ['jobs', 'Total'],
  'poison-messages': ['messages', 'Total'],
  'attempts-lost': ['attempts', 'Total'],
  'requests-fail': ['requests', 'Total'],
  'requests-unserved': ['requests', 'Total'],
  'no-heartbeat': [undefined, 'Count'],
} as const;

export const alertRules: Rules = [
  ...Object.entries(measures).map(([name, [measure, aggregation]]) => ({
    says: `there is an alert by its own query: ${name}`,
    text: `loadTextContent('queries/alerts/${name}.kql')`,
    instead: "'customMetrics'",
    check: (template: Template) => {
      const alert = alertOf(template, name);
      expect(alert).toMatchObject({ ...(measure && { measure }), aggregation });
      expect(loaded(template, alert.query)).toBe(fileText(`alerts/${name}`));
      // A column that the query does not make would be refused at deployment.
      if (measure) expect(fileText(`alerts/${name}`)).toContain(`${measure} = `);
    },
  })),
  {
    says: 'the column is measured',
    text: 'metricMeasureColumn: alert.?measure',
    check: (template) =>
      expect(criterion(template).metricMeasureColumn).toMatch(/^\[tryGet\(.*'alerts'.*'measure'\)\]$/),
  },
  ...(['aggregation', 'operator', 'threshold'] as const).map((name) => ({
    says: `an alert's own ${name} counts`,
    text: `: alert.${name}`,
    instead: name === 'threshold' ? ': 1000' : ": 'Count'",
    check: (template: Template) =>
      expect(criterion(template)[name === 'aggregation' ? 'timeAggregation' : name]).toMatch(
        new RegExp(`'alerts'.*\\.${name}\\]$`),
      ),
  })),
  {
    says: 'an alert comes where nothing is heard of the sweep',
    text: "aggregation: 'Count'\n    operator: 'LessThan'",
    instead: "aggregation: 'Count'\n    operator: 'GreaterThan'",
    check: (template) =>
      expect(alertOf(template, 'no-heartbeat')).toMatchObject({ operator: 'LessThan', threshold: 1 }),
  },
  {
    says: 'how long a message may wait is chosen, in minutes',
    text: 'oldestMessageMinutes * 60',
    instead: 'oldestMessageMinutes',
    check: (template) =>
      expect(alertOf(template, 'oldest-message').threshold).toBe(
        "[mul(parameters('oldestMessageMinutes'), 60)]",
      ),
  },
  {
    says: 'it is Application Insights of the app that is asked',
    text: 'scopes: [insights.id]',
    instead: 'scopes: [account.id]',
    check: (template) => expect(byLog(template).scopes).toEqual([expect.stringContaining('insightsName')]),
  },
  {
    says: 'somebody is told',
    text: 'actions: { actionGroups: [operators.id] }',
    instead: 'actions: { actionGroups: [] }',
    check: (template) =>
      expect(byLog(template).actions.actionGroups).toEqual([expect.stringMatching(/actionGroups/)]),
  },
  {
    says: 'somebody is told of storage that is away',
    text: 'actions: [{ actionGroupId: operators.id }]',
    instead: 'actions: []',
    check: (template) => {
      const { actions, criteria } = resourceOf(template, 'storageUnavailable').properties;
      expect(criteria.allOf[0]).toMatchObject({ metricName: 'Availability', operator: 'LessThan' });
      expect(actions).toHaveLength(1);
    },
  },
];

/** By the file of its query. */
const panels: Readonly<Record<string, 'table' | 'timechart'>> = {
  jobs: 'timechart',
  'queue-age': 'timechart',
  backlog: 'timechart',
  durations: 'timechart',
  recoveries: 'timechart',
  waiters: 'timechart',
  overview: 'table',
  failures: 'table',
};
const workbookOf = (template: Template) => resourceOf(template, 'workbook').properties;

export const workbookRules: Rules = [
  ...Object.entries(panels).map(([name, shows]) => ({
    says: `the workbook shows ${name}`,
    text: `loadTextContent('queries/${name}.kql')`,
    instead: "'traces'",
    check: (template: Template) =>
      expect(
        template.variables.panels.map(({ query, ...rest }: { readonly query: string }) => ({
          ...rest,
          query: loaded(template, query),
        })),
      ).toContainEqual({ title: expect.any(String), query: fileText(name), shows }),
  })),
  {
    says: 'its panels go by the time range that is chosen',
    text: "timeContextFromParameter: 'TimeRange'",
    check: (template) => {
      expect(workbookOf(template).serializedData).toContain("'timeContextFromParameter', 'TimeRange'");
      expect(template.variables.timeRange.content.parameters[0].name).toBe('TimeRange');
    },
  },
  {
    says: 'it asks Application Insights of the app',
    text: 'sourceId: insights.id',
    instead: "sourceId: 'azure monitor'",
    check: (template) => expect(workbookOf(template).sourceId).toContain("parameters('insightsName')"),
  },
];

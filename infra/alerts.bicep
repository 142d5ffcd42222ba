// Who is told when something is wrong. Alerts go by metrics: these are counted whole, where log lines and traces may be sampled.
metadata description = 'Alerts by mail.'

import { Tags } from 'options.bicep'

param name string
param location string
param tags Tags
param insightsName string
param storageAccountName string
param email string
@description('Minutes that a message may wait for its turn. An attempt that is put off has its message wait for up to five.')
param oldestMessageMinutes int

type Alert = {
  name: string
  description: string
  @description('1: callers notice. 2: jobs do.')
  severity: 1 | 2
  query: string
  @description('The column that is put together over the window; default: how many rows there are.')
  measure: string?
  aggregation: 'Count' | 'Maximum' | 'Total'
  operator: 'GreaterThan' | 'LessThan'
  threshold: int
}

// What to do about each: docs/operations.md.
var alerts Alert[] = [
  {
    name: 'oldest-message'
    description: 'A message has waited for its turn for too long: jobs begin late.'
    severity: 2
    query: loadTextContent('queries/alerts/oldest-message.kql')
    measure: 'seconds'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: oldestMessageMinutes * 60
  }
  {
    name: 'jobs-fail'
    description: 'Jobs ended without a reply. GET /api/operator/jobs?status=Failed lists them.'
    severity: 2
    query: loadTextContent('queries/alerts/jobs-fail.kql')
    measure: 'jobs'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 5
  }
  {
    name: 'poison-messages'
    description: 'Messages went through a poison queue: their jobs were delivered again and again without an end.'
    severity: 2
    query: loadTextContent('queries/alerts/poison-messages.kql')
    measure: 'messages'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'attempts-lost'
    description: 'Workers died in the middle of an attempt: crashes, or instances out of memory.'
    severity: 2
    query: loadTextContent('queries/alerts/attempts-lost.kql')
    measure: 'attempts'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 5
  }
  {
    name: 'requests-fail'
    description: 'The app answered requests with an error of its own making.'
    severity: 1
    query: loadTextContent('queries/alerts/requests-fail.kql')
    measure: 'requests'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'requests-unserved'
    description: 'The app answered 503, since storage did not answer: an outage, a network or a role that is missing.'
    severity: 1
    query: loadTextContent('queries/alerts/requests-unserved.kql')
    measure: 'requests'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 20
  }
  {
    name: 'no-heartbeat'
    description: 'The sweep, which runs every minute, was not heard of: the app does not run at all.'
    severity: 1
    query: loadTextContent('queries/alerts/no-heartbeat.kql')
    aggregation: 'Count'
    operator: 'LessThan'
    threshold: 1
  }
]

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'operators'
    enabled: true
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource byLog 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: '${name}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.name
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [insights.id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      // A new workspace has no table yet to check the query against.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            metricMeasureColumn: alert.?measure
            timeAggregation: alert.aggregation
            operator: alert.operator
            threshold: alert.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [operators.id] }
    }
  }
]

resource storageUnavailable 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-storage-unavailable'
  location: 'global'
  tags: tags
  properties: {
    description: 'Storage refuses or fails calls: the app answers 503, and work waits.'
    severity: 1
    enabled: true
    scopes: [account.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'availability'
          metricNamespace: 'Microsoft.Storage/storageAccounts'
          metricName: 'Availability'
          timeAggregation: 'Average'
          operator: 'LessThan'
          threshold: 99
        }
      ]
    }
    actions: [{ actionGroupId: operators.id }]
  }
}

// Who is told when something is wrong. The texts are those of src/logs.ts; test/infra/ holds the two together.
metadata description = 'Alerts by mail.'

import { Tags } from 'options.bicep'

param name string
param location string
param tags Tags
param insightsName string
param storageAccountName string
param email string

var alerts = [
  {
    name: 'jobs-fail'
    description: 'Jobs ended without a reply. GET /api/operator/jobs?status=Failed lists them.'
    severity: 2
    query: 'traces | where message startswith "job failed"'
    operator: 'GreaterThan'
    threshold: 5
  }
  {
    name: 'dead-letters'
    description: 'Messages went through a poison queue: their jobs were delivered again and again without an end.'
    severity: 2
    query: 'traces | where message startswith "poison message"'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'attempts-lost'
    description: 'Workers died in the middle of an attempt: crashes, or instances out of memory.'
    severity: 2
    query: 'traces | where message startswith "attempt lost without a word"'
    operator: 'GreaterThan'
    threshold: 5
  }
  {
    name: 'requests-fail'
    description: 'The app answered requests with an error of its own making.'
    severity: 1
    query: 'traces | where message startswith "request failed"'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'no-heartbeat'
    description: 'The sweep, which runs every minute, was not heard of: the app does not run at all.'
    severity: 1
    query: 'traces | where message startswith "jobs swept"'
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
            timeAggregation: 'Count'
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

// What the app does, on one page: Application Insights, Workbooks, Jobs. The queries are those of docs/operations.md.
metadata description = 'The workbook.'

import { Tags } from 'options.bicep'

param location string
param tags Tags
param insightsName string

type Panel = {
  title: string
  query: string
  shows: 'table' | 'timechart'
}

var panels Panel[] = [
  {
    title: 'Every signal'
    query: loadTextContent('queries/overview.kql')
    shows: 'table'
  }
  {
    title: 'Accepted, started, ended'
    query: loadTextContent('queries/jobs.kql')
    shows: 'timechart'
  }
  {
    title: 'Queue age in seconds'
    query: loadTextContent('queries/queue-age.kql')
    shows: 'timechart'
  }
  {
    title: 'Backlog'
    query: loadTextContent('queries/backlog.kql')
    shows: 'timechart'
  }
  {
    title: 'Work of the last attempt and age of the job in seconds: percentiles'
    query: loadTextContent('queries/durations.kql')
    shows: 'timechart'
  }
  {
    title: 'From acceptance to end in seconds'
    query: loadTextContent('queries/whole-durations.kql')
    shows: 'table'
  }
  {
    title: 'What fails'
    query: loadTextContent('queries/failures.kql')
    shows: 'table'
  }
  {
    title: 'Recoveries, lost attempts'
    query: loadTextContent('queries/recoveries.kql')
    shows: 'timechart'
  }
  {
    title: 'Waiters by instance'
    query: loadTextContent('queries/waiters.kql')
    shows: 'timechart'
  }
  {
    title: 'Requests answered 500 and 503'
    query: loadTextContent('queries/failed-requests.kql')
    shows: 'timechart'
  }
  {
    title: 'Calls to storage'
    query: loadTextContent('queries/storage-calls.kql')
    shows: 'table'
  }
  {
    title: 'Sweeps'
    query: loadTextContent('queries/sweeps.kql')
    shows: 'table'
  }
]

var timeRange = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    parameters: [
      {
        id: guid(insights.id, 'TimeRange')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time range'
        type: 4
        isRequired: true
        value: { durationMs: 14400000 }
        typeSettings: {
          selectableValues: map([1, 4, 24, 72, 168, 336], hours => { durationMs: hours * 3600000 })
          allowCustom: true
        }
      }
    ]
    style: 'pills'
    queryType: 0
    resourceType: 'microsoft.insights/components'
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(insights.id, 'jobs')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Jobs'
    category: 'workbook'
    sourceId: insights.id
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat(
        [timeRange],
        map(panels, panel => {
          type: 3
          name: panel.title
          content: {
            version: 'KqlItem/1.0'
            title: panel.title
            query: panel.query
            visualization: panel.shows
            size: 0
            timeContextFromParameter: 'TimeRange'
            queryType: 0
            resourceType: 'microsoft.insights/components'
          }
        })
      )
      fallbackResourceIds: [insights.id]
    })
  }
}

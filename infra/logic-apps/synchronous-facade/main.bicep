// One plain call gets the reply in its answer, up to two minutes: docs/facades.md.
metadata description = 'The synchronous facade over the Function app.'

@description('Name of the Logic App.')
param name string = 'request-reply-synchronous'
param location string = resourceGroup().location
@description('The app, as clients reach it: what stands before /api.')
param appUrl string
@secure()
@description('The key of the function start-operation. Not a host key, which opens every function.')
param appKey string
@description('The operation that the facade runs.')
param operation string
@description('More of the start\'s query, such as &format=html.')
param operationQuery string = ''

module facade '../facade.bicep' = {
  name: name
  params: {
    name: name
    location: location
    definition: loadJsonContent('workflow.json')
    appUrl: appUrl
    appKey: appKey
    operation: operation
    operationQuery: operationQuery
  }
}

@description('The Logic App. Its callback URL is a secret and no output: ask for it by listCallbackUrl.')
output workflowId string = facade.outputs.workflowId

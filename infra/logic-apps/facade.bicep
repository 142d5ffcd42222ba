// What both facades are: one Consumption workflow before the app, with the app's URL and a function key.
metadata description = 'A Logic App before the Function app.'

@description('Name of the Logic App.')
param name string
param location string
@description('The workflow definition.')
#disable-next-line use-user-defined-types // Its language is not Bicep's to check: test/logic-apps/ runs it.
param definition object
@description('The app, as clients reach it: what stands before /api.')
param appUrl string
@secure()
@description('The key of the function start-operation. Not a host key, which opens every function.')
param appKey string
@description('The operation that the facade runs.')
param operation string
@description('More of the start\'s query, such as &format=html.')
param operationQuery string

resource facade 'Microsoft.Logic/workflows@2019-05-01' = {
  name: name
  location: location
  properties: {
    state: 'Enabled'
    definition: definition
    parameters: {
      appUrl: { value: appUrl }
      appKey: { value: appKey }
      operation: { value: operation }
      operationQuery: { value: operationQuery }
    }
  }
}

@description('The Logic App. Its callback URL is a secret and no output: ask for it by listCallbackUrl.')
output workflowId string = facade.id

// All of it, in a resource group of its own. `azd up` deploys this; infra/README.md says what may be chosen.
targetScope = 'subscription'
metadata description = 'Asynchronous Request-Reply on Azure Functions.'

import { AppSettings } from 'app-settings.bicep'
import { AlwaysReady, Authentication, LogicApp } from 'options.bicep'

@minLength(1)
@maxLength(64)
@description('What the resource group and everything in it is named by.')
param environmentName string
@metadata({ azd: { type: 'location' } })
@description('A region that has the plan: az functionapp list-flexconsumption-locations.')
param location string

@description('What of the app\'s settings differs from its own defaults.')
param settings AppSettings = {}
@description('What the plan has in the region: az functionapp list-flexconsumption-runtimes --runtime node --location REGION.')
param nodeVersion '22' | '24' = '22'
param instanceMemoryMB 512 | 2048 | 4096 = 2048
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 100
@minValue(1)
@maxValue(1000)
@description('Requests that an instance takes at a time. One that waits for the end of its job does next to nothing meanwhile, so more than the plan\'s own default.')
param httpConcurrency int = 100
@description('Instances that are kept running, and paid for.')
param alwaysReady AlwaysReady[] = []

param storageSku 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GZRS' = 'Standard_LRS'
@minValue(1)
@description('Days after its last change at which storage itself removes a job or an upload. Longer than any operation\'s retention.')
param removeAfterDays int = 30
@minValue(30)
param logRetentionDays int = 30

@description('App Service authentication by Entra ID. Without it callers bring function keys.')
param authentication Authentication?
@description('The only addresses that may call the app, in CIDR notation, such as those of API Management. Empty: any.')
param allowedIpRanges string[] = []
@description('Storage is reached by private endpoints alone; replies then pass through the app, and uploads are for clients within the network.')
param privateNetwork bool = false
param networkAddressPrefix string = '10.20.0.0/24'

@description('Who is told of what goes wrong. Empty: no alerts are made.')
param alertEmail string = ''
@minValue(1)
@description('Minutes that a message may wait for its turn before somebody is told.')
param oldestMessageMinutes int = 10

@description('Logic Apps before the app, or beside it.')
param logicApps LogicApp[] = []
@secure()
@description('For the facades: the key of the function start-operation, known once the app is deployed.')
param facadeKey string = ''
@description('The operation that the facades run.')
param facadeOperation string = 'csv-profile'
@description('More of the start\'s query, such as &format=html.')
param facadeOperationQuery string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var storageAccountName = 'st${token}'
var insightsName = 'appi-${token}'
var hasFacade = contains(logicApps, 'synchronous-facade') || contains(logicApps, 'asynchronous-facade')
var facadeAppKey = hasFacade && empty(facadeKey)
  ? fail('A facade wants facadeKey, the key of the function start-operation.')
  : facadeKey

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module storage 'storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: storageAccountName
    location: location
    tags: tags
    sku: storageSku
    isPrivate: privateNetwork
    removeAfterDays: removeAfterDays
  }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-${token}'
    name: insightsName
    location: location
    tags: tags
    retentionDays: logRetentionDays
  }
}

module workbook 'workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: tags
    insightsName: insightsName
  }
  dependsOn: [monitoring]
}

module identity 'identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-${token}'
    location: location
    tags: tags
    storageAccountName: storageAccountName
    insightsName: insightsName
  }
  dependsOn: [storage, monitoring]
}

module network 'network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
    storageAccountName: storageAccountName
    addressPrefix: networkAddressPrefix
  }
  dependsOn: [storage]
}

module app 'function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: 'func-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.identityId
    identityClientId: identity.outputs.clientId
    storageAccountName: storageAccountName
    insightsName: insightsName
    packageContainerUrl: storage.outputs.packageContainerUrl
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    httpConcurrency: httpConcurrency
    alwaysReady: alwaysReady
    // A client outside the network could not follow a redirect to storage.
    settings: union(privateNetwork ? { REPLY_MODE: 'stream' } : {}, settings)
    authentication: authentication
    allowedIpRanges: allowedIpRanges
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
  }
  dependsOn: [monitoring]
}

module alerts 'alerts.bicep' = if (!empty(alertEmail)) {
  name: 'alerts'
  scope: group
  params: {
    name: 'alert-${token}'
    location: location
    tags: tags
    insightsName: insightsName
    storageAccountName: storageAccountName
    email: alertEmail
    oldestMessageMinutes: oldestMessageMinutes
  }
  dependsOn: [storage, monitoring]
}

module synchronousFacade 'logic-apps/synchronous-facade/main.bicep' = if (contains(logicApps, 'synchronous-facade')) {
  name: 'synchronous-facade'
  scope: group
  params: {
    name: 'logic-${token}-synchronous'
    location: location
    appUrl: settings.?PUBLIC_BASE_URL ?? app.outputs.appUrl
    appKey: facadeAppKey
    operation: facadeOperation
    operationQuery: facadeOperationQuery
  }
}

module asynchronousFacade 'logic-apps/asynchronous-facade/main.bicep' = if (contains(logicApps, 'asynchronous-facade')) {
  name: 'asynchronous-facade'
  scope: group
  params: {
    name: 'logic-${token}-asynchronous'
    location: location
    appUrl: settings.?PUBLIC_BASE_URL ?? app.outputs.appUrl
    appKey: facadeAppKey
    operation: facadeOperation
    operationQuery: facadeOperationQuery
  }
}

module logicAppsAlone 'logic-apps/logic-apps-alone/main.bicep' = if (contains(logicApps, 'logic-apps-alone')) {
  name: 'logic-apps-alone'
  scope: group
  params: {
    name: 'logic-${token}'
    location: location
    storageAccountName: storageAccountName
  }
  dependsOn: [storage]
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output APP_NAME string = app.outputs.appName
output APP_URL string = app.outputs.appUrl

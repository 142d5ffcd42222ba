// The pattern by three workflows and a storage account, without a Function: docs/facades.md.
metadata description = 'Asynchronous Request-Reply by Logic Apps alone.'

@description('What the names of the three Logic Apps begin with.')
param name string = 'request-reply'
param location string = resourceGroup().location
@description('A storage account of this resource group. The workflows get to it by identity; it needs no shared keys.')
param storageAccountName string
@description('The container of the jobs.')
param containerName string = 'logic-apps-jobs'
@description('The queue between submit and worker.')
param queueName string = 'logic-apps-requests'

// Built-in roles, by the ids that every tenant has.
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var messageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var messageProcessor = '8a0f0c08-91a1-4084-bc3d-661d67233fed'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource container 'containers' = {
      name: containerName
    }
  }
  resource queues 'queueServices' existing = {
    name: 'default'

    resource queue 'queues' = {
      name: queueName
    }
  }
}

var containerUrl = '${account.properties.primaryEndpoints.blob}${containerName}'
var queueUrl = '${account.properties.primaryEndpoints.queue}${queueName}'

resource status 'Microsoft.Logic/workflows@2019-05-01' = {
  name: '${name}-status'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    state: 'Enabled'
    definition: loadJsonContent('status.workflow.json')
    parameters: { containerUrl: { value: containerUrl } }
  }

  resource request 'triggers' existing = {
    name: 'Request'
  }
}

resource submit 'Microsoft.Logic/workflows@2019-05-01' = {
  name: '${name}-submit'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    state: 'Enabled'
    definition: loadJsonContent('submit.workflow.json')
    parameters: {
      containerUrl: { value: containerUrl }
      queueUrl: { value: queueUrl }
      statusUrl: { value: status::request.listCallbackUrl().value }
    }
  }
}

resource worker 'Microsoft.Logic/workflows@2019-05-01' = {
  name: '${name}-worker'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    state: 'Enabled'
    definition: loadJsonContent('worker.workflow.json')
    parameters: {
      containerUrl: { value: containerUrl }
      queueUrl: { value: queueUrl }
    }
  }
}

resource submitWritesJobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::container.id, submit.id, blobContributor)
  scope: account::blobs::container
  properties: {
    principalId: submit.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
  }
}

resource submitSendsMessages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::queues::queue.id, submit.id, messageSender)
  scope: account::queues::queue
  properties: {
    principalId: submit.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', messageSender)
  }
}

resource workerWritesJobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::container.id, worker.id, blobContributor)
  scope: account::blobs::container
  properties: {
    principalId: worker.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
  }
}

resource workerTakesMessages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::queues::queue.id, worker.id, messageProcessor)
  scope: account::queues::queue
  properties: {
    principalId: worker.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', messageProcessor)
  }
}

resource statusReadsJobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::container.id, status.id, blobReader)
  scope: account::blobs::container
  properties: {
    principalId: status.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobReader)
  }
}

@description('The Logic App that clients call. Its callback URL is a secret and no output: ask for it by listCallbackUrl.')
output submitWorkflowId string = submit.id

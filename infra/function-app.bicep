// The app on a Flex Consumption plan. It has one identity, for storage, telemetry and its own package, and no secret.
metadata description = 'The Function app and its plan.'

import { AppSettings, textOf } from 'app-settings.bicep'
import { AlwaysReady, Authentication, Tags } from 'options.bicep'

param name string
param planName string
param location string
param tags Tags
param identityId string
param identityClientId string
param storageAccountName string
param insightsName string
@description('Where the package is deployed to.')
param packageContainerUrl string
param nodeVersion string
param instanceMemoryMB int
param maximumInstanceCount int
@description('Requests that an instance takes at a time; beyond it another one is started.')
param httpConcurrency int
param alwaysReady AlwaysReady[]
param settings AppSettings
param authentication Authentication?
@description('The only addresses that may call the app, in CIDR notation, such as those of a gateway. Empty: any.')
param allowedIpRanges string[]
@description('The subnet that the app calls out from. Empty: none.')
param subnetId string

// Over what the app takes, so that a client sees the app's 413 and not the host's empty 500.
var bodyLimitBytes = (settings.?MAX_REQUEST_BYTES ?? 104857600) + 1048576

var hostSettings = {
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: string(bodyLimitBytes)
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  // By this tag azd finds the app of azure.yaml.
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      // CORS is the app's own (CORS_ALLOWED_ORIGINS): the platform's cannot expose headers, so it stays unset.
      ipSecurityRestrictionsDefaultAction: empty(allowedIpRanges) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [
        for (range, index) in allowedIpRanges: {
          name: 'allowed-${index}'
          action: 'Allow'
          priority: 100 + index
          ipAddress: range
        }
      ]
      appSettings: map(items(union(textOf(settings), hostSettings)), setting => {
        name: setting.key
        value: setting.value
      })
    }
  }

  // Deployments sign in: no password opens the app.
  resource noPasswordForDeployment 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
  resource noPasswordForFtp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource signIn 'config' = if (authentication != null) {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true }
      globalValidation: {
        // The app answers 401 itself, and serves what is open to all: the platform would refuse preflights as well.
        requireAuthentication: false
        unauthenticatedClientAction: 'AllowAnonymous'
      }
      httpSettings: { requireHttps: true }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: authentication.?clientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${authentication.?tenantId ?? tenant().tenantId}/v2.0'
          }
          validation: {
            allowedAudiences: authentication.?audiences ?? ['api://${authentication.?clientId}']
          }
        }
      }
      login: { tokenStore: { enabled: false } }
    }
  }
}

output appName string = app.name
output appUrl string = 'https://${app.properties.defaultHostName}'

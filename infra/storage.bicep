// The account of jobs, uploads, queues, the host's own files and the deployed package. No key opens it: docs/design.md.
metadata description = 'The storage account.'

import { Tags } from 'options.bicep'

param name string
param location string
param tags Tags
@description('Standard_LRS, or with copies in several zones Standard_ZRS.')
param sku 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GZRS'
@description('Reached by private endpoints alone.')
param isPrivate bool
@description('Days after its last change at which storage itself removes what the sweep has left. Longer than any retention.')
param removeAfterDays int

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'None'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      // After a redirect from the app a browser says Origin: null, so any origin is let in: the SAS is the protection.
      cors: {
        corsRules: [
          {
            allowedOrigins: ['*']
            allowedMethods: ['GET', 'HEAD', 'PUT']
            allowedHeaders: ['*']
            exposedHeaders: ['*']
            maxAgeInSeconds: 3600
          }
        ]
      }
      // A deleted job is gone: no copy outlives it.
      deleteRetentionPolicy: { enabled: false }
    }

    resource package 'containers' = {
      name: 'app-package'
    }
  }

  // A backstop for what the sweep does minute by minute. The container app, which holds the app's secret, is not named.
  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'remove-what-is-over'
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['jobs/', 'uploads/', 'scratch/']
              }
              actions: {
                baseBlob: { delete: { daysAfterModificationGreaterThan: removeAfterDays } }
              }
            }
          }
        ]
      }
    }
    dependsOn: [blobs]
  }
}

output packageContainerUrl string = '${account.properties.primaryEndpoints.blob}${account::blobs::package.name}'

// The least that runs: for trying it out, with the diagnostic operations. Nothing is kept running.
using 'main.bicep'

param environmentName = 'request-reply-dev'
param location = 'westeurope'
param maximumInstanceCount = 40
param settings = {
  DIAGNOSTIC_OPERATIONS: true
  CORS_ALLOWED_ORIGINS: 'http://localhost:3000'
}

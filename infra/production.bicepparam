// Callers sign in, somebody is told, an instance is warm, data has copies in several zones.
using 'main.bicep'

param environmentName = 'request-reply-production'
param location = 'westeurope'
param storageSku = 'Standard_ZRS'
param logRetentionDays = 90
param alwaysReady = [
  { name: 'http', instanceCount: 1 }
]
param authentication = {
  clientId: readEnvironmentVariable('ENTRA_CLIENT_ID', '00000000-0000-0000-0000-000000000000')
}
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', 'operators@example.com')
param settings = {
  PUBLIC_BASE_URL: 'https://work.example.com'
  CORS_ALLOWED_ORIGINS: 'https://app.example.com'
  DEMO_PAGE: false
}

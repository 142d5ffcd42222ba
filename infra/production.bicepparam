// Callers sign in, somebody is told, an instance is warm, data has copies in several zones. Wants ENTRA_CLIENT_ID, the app
// registration of `authentication`, and ALERT_EMAIL in the environment, and your own names below.
using 'main.bicep'

param environmentName = 'request-reply-production'
param location = 'westeurope'
param storageSku = 'Standard_ZRS'
param logRetentionDays = 90
param alwaysReady = [
  { name: 'http', instanceCount: 1 }
]
param authentication = {
  clientId: readEnvironmentVariable('ENTRA_CLIENT_ID')
}
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')
param settings = {
  PUBLIC_BASE_URL: 'https://work.example.com'
  CORS_ALLOWED_ORIGINS: 'https://app.example.com'
  DEMO_PAGE: false
}

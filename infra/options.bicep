// What whoever deploys may choose, where it takes more than one value to say it.
metadata description = 'Types of the parameters.'

@export()
type Tags = { *: string }

@export()
@description('Instances that are kept running, by the name of what scales together: http, durable, function:run-job.')
@sealed()
type AlwaysReady = {
  name: string
  instanceCount: int
}

@export()
@description('An app registration of Entra ID whose tokens callers bring. No client secret: the app only checks tokens.')
@sealed()
type Authentication = {
  clientId: string
  @description('Default: the tenant of the deployment.')
  tenantId: string?
  @description('Default: api:// and the client id.')
  audiences: string[]?
}

@export()
@description('The Logic Apps of docs/facades.md that are to be deployed with the app.')
type LogicApp = 'synchronous-facade' | 'asynchronous-facade' | 'logic-apps-alone'

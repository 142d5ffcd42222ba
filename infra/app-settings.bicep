// The settings of src/config.ts, as test/infra/ holds them: whoever deploys names those that are to differ from the
// app's own defaults, which stand there and nowhere else.
metadata description = 'The app settings that the app itself reads.'

@export()
@sealed()
type AppSettings = {
  @description('What stands before /api in the URLs the app makes, a path prefix included: a gateway, a domain of your own.')
  PUBLIC_BASE_URL: string?
  @description('Take scheme and host of these URLs from X-Forwarded-*, where a trusted proxy sets them.')
  TRUST_FORWARDED_HEADERS: bool?
  @description('Longest request body in bytes.')
  MAX_REQUEST_BYTES: int?
  @description('How a pending job answers its status endpoint.')
  PENDING_STATUS: (200 | 202 | 404)?
  @description('How a succeeded job answers it. In a private network: stream.')
  REPLY_MODE: ('redirect' | 'stream' | 'link')?
  @description('How long the URL of a reply works.')
  REPLY_URL_TTL_SECONDS: int?
  @description('How long the URL of an upload works.')
  UPLOAD_URL_TTL_SECONDS: int?
  @description('Pages of 1,000 jobs or uploads that the sweep lists a minute.')
  SWEEP_PAGES_PER_MINUTE: int?
  @description('Messages in a queue beyond which a start is refused; 0 for no limit.')
  MAX_BACKLOG: int?
  @description('Longest that a request is held for the end of its job.')
  MAX_WAIT_SECONDS: int?
  @description('How many requests an instance holds so at a time.')
  MAX_WAITERS: int?
  @description('Run the job of a caller that waits in the instance that accepts it, at once.')
  FAST_PATH: bool?
  @description('How many attempts an instance runs so at a time.')
  FAST_PATH_CONCURRENCY: int?
  @description('Origins whose browser code may call the app, comma between.')
  CORS_ALLOWED_ORIGINS: string?
  @description('Serve the page /api/demo.')
  DEMO_PAGE: bool?
  @description('Offer the operation delay.')
  DIAGNOSTIC_OPERATIONS: bool?
  @description('Where traces, metrics and the log are sent by OTLP over HTTP, beside Application Insights.')
  OTEL_EXPORTER_OTLP_ENDPOINT: string?
}

@export()
@description('The settings as App Service takes them: text. What is not named is left to the app.')
func textOf(settings AppSettings) { *: string } => mapValues(settings, value => string(value))

/** Every HTTP function of the app: the whole surface on one screen. */
import { app, type FunctionInput, type HttpMethod } from '@azure/functions';
import type { Handler } from '../http/answer.ts';
import { type CorsSettings, preflight } from '../http/cors.ts';
import { respond } from '../http/respond.ts';
import { routes } from '../http/route.ts';
import { tracedRequest } from './traced-request.ts';

/**
 * Who may call. `keyed`: a function key, or a signed-in caller under App Service authentication. `operator`: a function
 * key in either case, since being signed in makes nobody an operator. `anyone`: no key; a job's own URLs are capability URLs.
 */
type Access = 'keyed' | 'operator' | 'anyone';

export type HttpHandlers = Readonly<
  Record<
    | 'startOperation'
    | 'createUpload'
    | 'listOperations'
    | 'showOperation'
    | 'jobStatus'
    | 'jobMonitor'
    | 'cancelJob'
    | 'deleteJob'
    | 'listOperatorJobs'
    | 'showOperatorJob'
    | 'retryOperatorJob'
    | 'cancelOperatorJob'
    | 'deleteOperatorJob'
    | 'health'
    | 'showOpenApi'
    | 'docsPage'
    | 'docsFile'
    | 'demoPage'
    | 'demoFile',
    Handler
  >
>;

interface HttpFunction {
  readonly name: string;
  readonly methods: HttpMethod[];
  readonly route: string;
  readonly access: Access;
  readonly handler: Handler;
}

export function httpFunctions(handlers: HttpHandlers): readonly HttpFunction[] {
  const at = (
    name: string,
    methods: HttpMethod[],
    route: string,
    access: Access,
    handler: Handler,
  ): HttpFunction => ({ name, methods, route, access, handler });
  return [
    at('start-operation', ['POST'], routes.operation, 'keyed', handlers.startOperation),
    at('create-upload', ['POST'], routes.uploads, 'keyed', handlers.createUpload),
    at('list-operations', ['GET'], routes.operations, 'anyone', handlers.listOperations),
    at('show-operation', ['GET'], routes.operation, 'anyone', handlers.showOperation),
    at('job-status', ['GET', 'HEAD'], routes.job, 'anyone', handlers.jobStatus),
    at('job-monitor', ['GET'], routes.jobMonitor, 'anyone', handlers.jobMonitor),
    at('cancel-job', ['POST'], routes.jobCancel, 'anyone', handlers.cancelJob),
    at('delete-job', ['DELETE'], routes.job, 'anyone', handlers.deleteJob),
    at('operator-list-jobs', ['GET'], routes.operatorJobs, 'operator', handlers.listOperatorJobs),
    at('operator-show-job', ['GET'], routes.operatorJob, 'operator', handlers.showOperatorJob),
    at('operator-retry-job', ['POST'], routes.operatorJobRetry, 'operator', handlers.retryOperatorJob),
    at('operator-cancel-job', ['POST'], routes.operatorJobCancel, 'operator', handlers.cancelOperatorJob),
    at('operator-delete-job', ['DELETE'], routes.operatorJob, 'operator', handlers.deleteOperatorJob),
    at('health', ['GET'], routes.health, 'anyone', handlers.health),
    at('openapi', ['GET'], routes.openApi, 'anyone', handlers.showOpenApi),
    at('docs', ['GET'], routes.docs, 'anyone', handlers.docsPage),
    at('docs-file', ['GET'], routes.docsFile, 'anyone', handlers.docsFile),
    at('demo', ['GET'], routes.demo, 'anyone', handlers.demoPage),
    at('demo-file', ['GET'], routes.demoFile, 'anyone', handlers.demoFile),
  ];
}

/** Those that end a job, and with it what the workflow engine does for it. */
const ENDING = new Set(['cancel-job', 'delete-job', 'operator-cancel-job', 'operator-delete-job']);

/** Registers them, and on each route an anonymous function for preflights, which carry no key. */
export function registerHttpFunctions(
  functions: readonly HttpFunction[],
  settings: CorsSettings & { readonly appServiceAuthentication: boolean; readonly routePrefix: string },
  engineInput: FunctionInput,
): void {
  for (const { name, methods, route, access, handler } of functions) {
    const isOpen = access === 'anyone' || (access === 'keyed' && settings.appServiceAuthentication);
    app.http(name, {
      methods,
      route,
      authLevel: isOpen ? 'anonymous' : 'function',
      ...(ENDING.has(name) && { extraInputs: [engineInput] }),
      handler: tracedRequest(`/${settings.routePrefix}/${route}`, respond(name, handler, settings)),
    });
  }
  for (const [route, onRoute] of Map.groupBy(functions, ({ route }) => route)) {
    const name = `preflight-${onRoute[0]?.name}`;
    const methods = onRoute.flatMap((each) => each.methods);
    app.http(name, {
      methods: ['OPTIONS'],
      route,
      authLevel: 'anonymous',
      handler: respond(name, preflight(methods, settings), settings),
    });
  }
}

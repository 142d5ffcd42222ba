/** Puts the HTTP side together from the app's functions, keys and host.json, and makes it listen on loopback. */
import type { AddressInfo } from 'node:net';
import type { AppFunction, HttpFunction } from '../functions.ts';
import { type HostJson, SettingError } from '../host-json.ts';
import type { HostLog } from '../host-log.ts';
import type { Invoker } from '../invoker.ts';
import type { RunByHand } from '../run-by-hand.ts';
import type { WorkerSupervisor } from '../worker-supervisor.ts';
import { createHttpFront, type HttpFront } from './front.ts';
import { type AppKeys, mayCall, showsMasterKey } from './keys.ts';
import { createRouter } from './routing.ts';
import { createThrottle } from './throttle.ts';

const BODY_LIMIT_BYTES = 104_857_600;

export interface StartFrontOptions {
  readonly port: number;
  readonly functions: readonly AppFunction[];
  readonly http: HostJson['extensions']['http'];
  readonly settings: Readonly<Record<string, string>>;
  /** Absent: nobody asks for a key, as under Core Tools. */
  readonly keys: AppKeys | undefined;
  readonly supervisor: WorkerSupervisor;
  readonly invoker: Invoker;
  readonly runByHand: RunByHand;
  readonly log: HostLog;
  readonly forwarderTimeoutMs: number;
}

/** @throws {SettingError} when the app, a setting or the port will not do. */
export async function startFront(options: StartFrontOptions): Promise<HttpFront & { readonly port: number }> {
  const { supervisor, keys, http, log } = options;
  const httpFunctions = options.functions.filter((known) => known.trigger === 'http');
  if (httpFunctions.length > 0 && supervisor.latest().httpPort === undefined) {
    throw new SettingError(
      'The app answers HTTP without streams; the local host wants app.setup({ enableHttpStream: true }).',
    );
  }
  const front = createHttpFront({
    log,
    matchRoute: createRouter(routable(httpFunctions, log), http.routePrefix),
    mayCall: (request, httpFunction) => keys === undefined || mayCall(keys, request, httpFunction),
    enterThrottle: createThrottle(http.maxConcurrentRequests, http.maxOutstandingRequests),
    admin: {
      functions: options.functions,
      metadata: () => supervisor.latest().functions,
      isAdmin: (request) => keys === undefined || showsMasterKey(keys, request),
      run: options.runByHand,
    },
    currentWorker: supervisor.current,
    startInvocation: options.invoker.start,
    bodyLimitBytes: bodyLimit(options.settings),
    forwarderTimeoutMs: options.forwarderTimeoutMs,
  });
  await new Promise<void>((resolve, reject) => {
    front.server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new SettingError(`Port ${options.port} is in use: choose another (--port).`)
          : error,
      ),
    );
    front.server.listen(options.port, '127.0.0.1', resolve);
  });
  return { ...front, port: (front.server.address() as AddressInfo).port };
}

/** The host keeps `admin…` to itself: such a function is there, but nothing reaches it. */
function routable(functions: readonly HttpFunction[], log: HostLog): HttpFunction[] {
  return functions.filter(({ name, route }) => {
    const isTaken = route.toLowerCase().startsWith('admin');
    const text = `The '${name}' function is in error: The specified route conflicts with one or more built in routes.`;
    if (isTaken) log.write('error', 'Host', text);
    return !isTaken;
  });
}

function bodyLimit({ FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: text }: Readonly<Record<string, string>>): number {
  if (text === undefined) return BODY_LIMIT_BYTES;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new SettingError(`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is '${text}'; it wants a number of bytes.`);
}

/**
 * What the host and its worker process say to each other: the parts of the Functions RPC that this host uses, under
 * their RPC names, because the library reads and writes exactly these shapes.
 */

/** A value on the wire. Exactly one field is set; the library parses a `string` as JSON where it can. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
}

/** One binding of a function, with whatever options its trigger takes. */
export interface BindingInfo {
  readonly type: string;
  readonly direction: 'in' | 'out' | 'inout';
  readonly dataType?: 'undefined' | 'string' | 'binary' | 'stream';
  readonly [option: string]: unknown;
}

/** A function as the app registered it. */
export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, BindingInfo>>;
  readonly retryOptions?: unknown;
}

/** The data of one binding. */
export interface InputData {
  readonly name: string;
  readonly data: TypedData;
}

export interface InvocationRequest {
  readonly invocationId: string;
  readonly functionName: string;
  readonly inputData: readonly InputData[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
}

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
export type LogCategory = 'user' | 'system' | 'customMetric';

/** What the host sends. `start` comes once and first. */
export type HostMessage =
  | { readonly type: 'start'; readonly appDir: string; readonly entryFile: string }
  | { readonly type: 'invoke'; readonly request: InvocationRequest }
  | { readonly type: 'terminate' };

/** What the worker sends. It answers `start` by `started` or `failed`, and each `invoke` by one `invoked`. */
/** What goes through the channel at once: all that a worker had to say in one turn of its event loop. */
export type WorkerMessages = readonly WorkerMessage[];

export type WorkerMessage =
  | { readonly type: 'started'; readonly functions: readonly FunctionMetadata[]; readonly httpUri?: string }
  | { readonly type: 'failed'; readonly error: string }
  | {
      readonly type: 'invoked';
      readonly invocationId: string;
      readonly error?: string;
      readonly returnValue?: TypedData;
    }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly category: LogCategory;
      readonly message: string;
      readonly functionName?: string;
    };

/**
 * The seam at the storage ports: every call of one passes one function, which may count it, hold it,
 * lose its answer or never come back from it.
 */
import type { JobFields } from '../../../src/jobs/job.ts';
import type { Guard, JobQueue, JobStore, SweepPlace, UploadStore } from '../../../src/jobs/ports.ts';
import type { ScratchStore, WorkflowEngine } from '../../../src/jobs/workflow-ports.ts';

/** One call on its way to storage. */
export interface PortCall {
  /** What the design calls this step. */
  readonly step: string;
  /** What storage calls it. */
  readonly storageCall: string;
}

export type Around = <T>(call: PortCall, run: () => Promise<T>) => Promise<T>;

type Port = JobStore | JobQueue | SweepPlace | UploadStore;
type Method<P> = P extends unknown ? keyof P : never;

const calls: Readonly<Record<Method<Port>, PortCall>> = {
  create: { step: 'accept', storageCall: 'Put Blob' },
  createFromBlocks: { step: 'accept', storageCall: 'Put Block List' },
  stageBlock: { step: 'stage', storageCall: 'Put Block' },
  discardBlocks: { step: 'discard blocks', storageCall: 'Put Block List, Delete Blob' },
  take: { step: 'take', storageCall: 'Get Blob' },
  takeRange: { step: 'resume', storageCall: 'Get Blob' },
  look: { step: 'look', storageCall: 'Get Blob Properties' },
  acquireLease: { step: 'claim', storageCall: 'Acquire Lease' },
  renewLease: { step: 'heartbeat', storageCall: 'Renew Lease' },
  releaseLease: { step: 'release', storageCall: 'Release Lease' },
  breakLease: { step: 'break', storageCall: 'Break Lease' },
  write: { step: 'write', storageCall: 'Set Blob Metadata' },
  publish: { step: 'publish', storageCall: 'Put Blob' },
  publishBlocks: { step: 'publish', storageCall: 'Put Block List' },
  delete: { step: 'delete', storageCall: 'Delete Blob' },
  list: { step: 'list', storageCall: 'List Blobs' },
  open: { step: 'open upload', storageCall: 'Get Blob' },
  put: { step: 'enqueue', storageCall: 'Put Message' },
  begin: { step: 'begin sweep', storageCall: 'Lease Blob, Get Blob Properties' },
  end: { step: 'end sweep', storageCall: 'Set Blob Metadata, Lease Blob' },
  hold: { step: 'hide longer', storageCall: 'Update Message' },
  remove: { step: 'delete message', storageCall: 'Delete Message' },
  peek: { step: 'peek', storageCall: 'Peek Messages' },
  count: { step: 'count', storageCall: 'Get Queue Metadata' },
};

/** Set Blob Metadata is many steps; what it writes tells which. */
function writeStep(fields: JobFields, { lease }: Guard): string {
  if (fields.state === 'Failed') return 'fail';
  if (fields.state === 'Canceled') return 'cancel';
  if (lease === undefined && fields.recovered > 0) return 'recover';
  if (fields.waiting) return 'next attempt';
  if (lease === undefined && fields.handedAt !== undefined && fields.percentComplete === undefined)
    return 'hand over';
  return fields.percentComplete === undefined ? 'mark' : 'progress';
}

function callOf(method: string, args: readonly unknown[]): PortCall {
  const call = calls[method as keyof typeof calls];
  return method === 'write' ? { ...call, step: writeStep(args[1] as JobFields, args[2] as Guard) } : call;
}

/** Calls that are not of the job's own storage. */
const workflowCalls: Readonly<Record<keyof WorkflowEngine | keyof ScratchStore, PortCall>> = {
  start: { step: 'start instance', storageCall: 'engine: start' },
  look: { step: 'ask engine', storageCall: 'engine: status' },
  terminate: { step: 'terminate', storageCall: 'engine: terminate' },
  purge: { step: 'purge', storageCall: 'engine: purge' },
  write: { step: 'write file', storageCall: 'Put Blob' },
  read: { step: 'read file', storageCall: 'Get Blob' },
  remove: { step: 'remove files', storageCall: 'List Blobs, Delete Blob' },
  attempts: { step: 'list files', storageCall: 'List Blobs' },
};

/** The same for the workflow engine and the files of workflows. */
export function interposedWorkflow<P extends WorkflowEngine | ScratchStore>(port: P, around: Around): P {
  return through(port, around, (name) => workflowCalls[name as keyof typeof workflowCalls]);
}

/** The same port, each call of it by way of `around`. */
export function interposed<P extends Port>(port: P, around: Around): P {
  return through(port, around, callOf);
}

function through<P extends object>(
  port: P,
  around: Around,
  named: (method: string, args: readonly unknown[]) => PortCall,
): P {
  return new Proxy(port, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      // A generator is no call: its own calls are, which no test gets in between.
      if (name === 'attempts') return () => Reflect.apply(method, target, []);
      return (...args: unknown[]) =>
        around(named(String(name), args), () => Reflect.apply(method, target, args));
    },
  });
}

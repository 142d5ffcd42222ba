/**
 * What an app's worker holds once its garbage is collected. Resident memory alone cannot show memory to be flat: V8 keeps what it
 * once took, and how much of that is garbage depends on when it last felt like collecting.
 */
import { once } from 'node:events';
import type { FunctionApp } from './function-app.ts';

/**
 * NODE_OPTIONS of a worker whose memory is measured: it maps no stack traces. Azure's does not either; the local host's has some
 * 35 MiB of source map to keep from its first failed invocation on, whenever that comes.
 */
export const MAPPING_NO_TRACES = '--import=data:text/javascript,process.setSourceMapsEnabled(false)';

/**
 * NODE_OPTIONS of a worker that besides listens for {@link liveHeapMiB} on a free port of the loopback interface.
 * @param heapMiB beyond this the process ends
 */
export function measuredWithin(heapMiB: number): string {
  return `--max-old-space-size=${heapMiB} --inspect=127.0.0.1:0 ${MAPPING_NO_TRACES}`;
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly usedSize?: number };
  readonly error?: { readonly message: string };
}

/**
 * Collects all garbage of the worker, then says how much of its heap is in use, in MiB.
 * @throws {Error} where the inspector refuses. https://chromedevtools.github.io/devtools-protocol/v8/HeapProfiler/
 */
export async function liveHeapMiB(app: Pick<FunctionApp, 'logged'>): Promise<number> {
  const [line = ''] = await app.logged(/Debugger listening on ws:/);
  const socket = new WebSocket(/ws:\S+/.exec(line)?.[0] ?? '');
  await once(socket, 'open');
  const call = async (id: number, method: string) => {
    socket.send(JSON.stringify({ id, method }));
    const [{ data }] = (await once(socket, 'message')) as [{ readonly data: string }];
    const { error, result } = JSON.parse(data) as Answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result?.usedSize ?? Number.NaN;
  };
  await call(1, 'HeapProfiler.collectGarbage');
  const usedBytes = await call(2, 'Runtime.getHeapUsage');
  socket.close();
  await once(socket, 'close');
  return usedBytes / 2 ** 20;
}

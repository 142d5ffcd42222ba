/** The options of `npm run dev`, and of `npm start`, which runs the same app another way. */
import { parseArgs } from 'node:util';
import { SettingError } from './host/local-host.ts';

export interface DevOptions {
  readonly port: number;
  /** Of blob storage; queue and table are on the next two. */
  readonly storagePort: number;
  readonly dataDir: string;
  readonly auth: boolean;
  /** Port on which a debugger may attach to the process that holds the app. Undefined: none. */
  readonly inspectPort: number | undefined;
}

export const usage = `Usage: npm run dev -- [options], or npm start -- [options]
  --port N          the app's port (default 7071)
  --storage-port N  blob, queue and table storage on N, N+1 and N+2 (default 10000)
  --data DIR        where storage and keys are kept (default .azurite)
  --auth            ask for keys as Azure does (default: not, as Core Tools)
  --inspect N       a debugger may attach to the app on port N
  --help            this text`;

/** @throws {SettingError} naming the option that is unknown or bad. Undefined: help is wanted. */
export function readCommandLine(args: readonly string[]): DevOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  if (values.data === '') throw new SettingError("--data is ''; it wants a folder.");
  return {
    port: portOf('--port', values.port, 65_535),
    storagePort: portOf('--storage-port', values['storage-port'], 65_533),
    dataDir: values.data,
    auth: values.auth,
    inspectPort: values.inspect === undefined ? undefined : portOf('--inspect', values.inspect, 65_535),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '7071' },
        'storage-port': { type: 'string', default: '10000' },
        data: { type: 'string', default: '.azurite' },
        auth: { type: 'boolean', default: false },
        inspect: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    // Only the first sentence: the rest explains how to write positional arguments, of which there are none.
    throw new SettingError(`${(error as Error).message.split('. ')[0]}. See npm run dev -- --help.`);
  }
}

function portOf(option: string, text: string, max: number): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= max) return port;
  throw new SettingError(`${option} is '${text}'; it wants a port from 1 to ${max}.`);
}

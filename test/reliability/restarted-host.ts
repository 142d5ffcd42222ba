/** A local host that the platform starts again whenever it ends itself, as it does after three crashes of its worker. */
import { type FunctionApp, type FunctionAppOptions, startFunctionApp } from '../support/function-app.ts';

export interface RestartedHost {
  /** The one that is up; resolves once there is one. */
  current(): Promise<FunctionApp>;
  /** How often it ended itself. */
  readonly ends: number;
  /** How often a worker crashed. */
  crashes(): number;
  stop(): Promise<void>;
}

export async function startRestartedHost(options: FunctionAppOptions): Promise<RestartedHost> {
  const started: FunctionApp[] = [];
  let current = start();
  let ends = 0;
  let isStopped = false;
  await current;

  async function start(): Promise<FunctionApp> {
    const app = await startFunctionApp(options);
    started.push(app);
    void app.host.exited.then(() => {
      if (isStopped) return;
      ends++;
      current = start();
    });
    return app;
  }

  return {
    current: () => current,
    get ends() {
      return ends;
    },
    crashes: () =>
      started.flatMap(({ lines }) => lines.filter((line) => line.startsWith('Worker process ended:'))).length,
    async stop() {
      isStopped = true;
      await (await current).stop();
    },
  };
}

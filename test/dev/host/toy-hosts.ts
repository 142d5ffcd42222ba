/** Local hosts with the toy app for the tests of this folder, and their log to wait on. */
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { buildApp } from '../../../dev/build.ts';
import { type LocalHost, type LocalHostOptions, startLocalHost } from '../../../dev/host/local-host.ts';
import { trackProcess } from '../../support/processes.ts';

export interface ToyHost {
  readonly host: LocalHost;
  readonly lines: readonly string[];
  /** Resolves with the first `count` lines that match, once there are so many. */
  logged(pattern: RegExp, count?: number): Promise<string[]>;
}

export type StartToyHost = (options?: Partial<LocalHostOptions>) => Promise<ToyHost>;

/** Builds the toy app for a test file. Each test's hosts are ended after it. */
export function useToyHosts(fixture = 'toy-app.ts'): StartToyHost {
  let folder: string;
  let entry: string;
  let started: LocalHost[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'toy-app-'));
    entry = buildApp({
      entryFile: `test/dev/host/fixtures/${fixture}`,
      outFile: join(folder, 'main.cjs'),
    });
  });
  afterEach(async () => {
    await Promise.all(started.map((host) => host.kill()));
    started = [];
  });
  afterAll(() => rm(folder, { recursive: true }));

  return async (options = {}) => {
    const lines: string[] = [];
    const events = new EventEmitter();
    const host = await startLocalHost({
      entry,
      port: 0,
      hostJson: { version: '2.0' },
      onLog: (line) => {
        lines.push(line);
        events.emit('line');
      },
      ...options,
      settings: {
        WORK_QUEUE: 'work',
        Work: 'UseDevelopmentStorage=true',
        NO_QUEUE: '1',
        ...options.settings,
      },
    });
    started.push(host);
    await trackProcess(host.workerPid, 'worker of the local host');
    return {
      host,
      lines,
      async logged(pattern, count = 1) {
        while (true) {
          const found = lines.filter((line) => pattern.test(line));
          if (found.length >= count) return found.slice(0, count);
          await once(events, 'line');
        }
      },
    };
  };
}

/**
 * `npm run demo`: the pattern from the first request to the fetched reply, on this machine, each step explained.
 *
 * starting --> running --all of it happened--> ended, code 0
 *                      --anything else, Ctrl-C, too late--> ended, code 1
 * Whatever the end, everything that was started has ended before it.
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DemoOptions } from './demo-options.ts';
import type { Client } from './run-job.ts';
import { readSample } from './sample.ts';
import { openScreen } from './screen.ts';
import { showProfile } from './show-profile.ts';
import { showRenditions } from './show-renditions.ts';
import { type DemoApp, startApp } from './start-app.ts';

const LONGEST_SECONDS = 180;

/** Leaves bundle and reply in `.demo` of the working directory. What goes wrong is said on stderr, with exit code 1. */
export async function runDemo({ image }: DemoOptions): Promise<void> {
  const startedAt = performance.now();
  const folder = resolve('.demo');
  const end = new AbortController();
  const onSignal = () => end.abort(new Error('interrupted'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onSignal);
  const limit = setTimeout(
    () => end.abort(new Error(`it took more than ${LONGEST_SECONDS} s`)),
    LONGEST_SECONDS * 1000,
  );
  const screen = openScreen(process.stdout);
  const client: Client = { screen, signal: end.signal };
  let app: DemoApp | undefined;
  try {
    await mkdir(folder, { recursive: true });
    const sample = image === undefined ? await readSample() : undefined;
    screen.line(screen.heading('The Asynchronous Request-Reply pattern, end to end, on this machine'));
    screen.line('   Starting a storage emulator, and the app on a local Functions host ...');
    app = await startApp(folder);
    end.signal.throwIfAborted();
    screen.line(`   The app answers on ${app.url}.`);
    if (sample !== undefined) await showProfile(client, app, sample, folder);
    if (image !== undefined) await showRenditions(client, app, image, folder);
    await app.stop();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    screen.line();
    screen.line(`That was all of it, in ${seconds} s. npm run dev keeps the app running for you to try.`);
    if (image === undefined)
      screen.line('npm run demo -- --image shows a workflow: many steps, the same pattern.');
  } catch (error) {
    screen.line();
    // Ctrl-C reaches the processes that were started as well: what failed may be for a signal that is just arriving.
    await nextTurn();
    const { message } = end.signal.aborted ? end.signal.reason : (error as Error);
    const log = end.signal.aborted ? undefined : app?.log;
    if (log !== undefined) console.error(['The host said last:', ...log].join('\n  '));
    await app?.kill();
    // Last, where whoever looks at a terminal finds it.
    console.error(`The demo failed: ${message}`);
    if (log !== undefined) console.error('npm run dev runs the same app, and shows the whole of its log.');
    process.exitCode = 1;
  } finally {
    clearTimeout(limit);
    for (const name of signals) process.off(name, onSignal);
  }
}

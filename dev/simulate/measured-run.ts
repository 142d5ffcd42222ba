/** A small run on a real app: many jobs at once, each asked for as `Retry-After` says; what the simulation is held to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, min } from 'simple-statistics';
import type { Latency } from './measures.ts';
import type { Front } from './scenario.ts';

export interface MeasuredRun {
  readonly jobs: number;
  readonly workSeconds: number;
  readonly latencies: readonly Pick<Latency, 'seconds'>[];
  readonly polls: number;
  /** How long requests took before: of this machine. */
  readonly front: Front;
}

/** As many at a time as the load will bring, so that what they occupy shows. */
const AT_A_TIME = 24;
/** The quickest counts: in the others the machine did something else as well. */
const ROUNDS = 3;
const ONE_AFTER_THE_OTHER = 20;
/** After so long without a message the listener looks as seldom as it ever does. */
export const IDLE_SECONDS = 4;

/** @param url of an app that offers `delay`, without a slash at the end */
export async function measuredRun(url: string, jobs: number, workSeconds: number): Promise<MeasuredRun> {
  const front = await measuredFront(url);
  await sleep(IDLE_SECONDS * 1000);
  const runs = await Promise.all(Array.from({ length: jobs }, () => followJob(url, workSeconds)));
  return {
    jobs,
    workSeconds,
    latencies: runs,
    polls: runs.reduce((sum, { polls }) => sum + polls, 0),
    front,
  };
}

/** Starts a job and asks for it until it has ended. */
async function followJob(url: string, workSeconds: number): Promise<{ seconds: number; polls: number }> {
  let answer = await start(url, workSeconds);
  const acceptedMs = performance.now();
  const location = answer.headers.get('location') ?? '';
  let polls = 0;
  while (answer.status === 202) {
    await sleep(1000 * Number(answer.headers.get('retry-after')));
    answer = await poll(location);
    polls += 1;
  }
  if (answer.status !== 302) throw new Error(`the job's answer is ${answer.status}`);
  return { seconds: (performance.now() - acceptedMs) / 1000, polls };
}

async function measuredFront(url: string): Promise<Front> {
  // The first requests load what later ones find loaded.
  const location = (await start(url, 0)).headers.get('location') ?? '';
  while ((await poll(location)).status === 202) await sleep(100);
  const alone: number[] = [];
  for (let i = 0; i < ONE_AFTER_THE_OTHER; i += 1) alone.push(await tookMs(() => poll(location)));
  const together = async (one: () => Promise<unknown>) => {
    const rounds: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      rounds.push(await tookMs(() => Promise.all(Array.from({ length: AT_A_TIME }, one))));
    }
    return min(rounds) / AT_A_TIME;
  };
  const pollMs = await together(() => poll(location));
  const startMs = await together(() => start(url, 0));
  return {
    instances: 1,
    startMs,
    pollMs,
    awayMs: Math.max(0, median(alone) - pollMs),
    isFastPath: false,
  };
}

async function tookMs(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}

async function start(url: string, seconds: number): Promise<Response> {
  return read(
    await fetch(`${url}/api/operations/delay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seconds }),
    }),
  );
}

const poll = async (location: string) => read(await fetch(location, { redirect: 'manual' }));

async function read(response: Response): Promise<Response> {
  await response.arrayBuffer();
  return response;
}

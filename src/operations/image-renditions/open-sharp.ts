/**
 * The image library, loaded by the first image and not by the app's start: a cold start would pay for it in every
 * worker. One image at a time for each core, each decoded and encoded in one thread: more would hold more memory and be
 * no faster. Node's pool has four threads, and one of them stays free for files and names.
 */
import { availableParallelism } from 'node:os';
import type SharpModule from 'sharp';

type Sharp = typeof SharpModule;

const MOST_AT_ONCE = Math.min(availableParallelism(), 3);

let loaded: Promise<Sharp> | undefined;
let busy = 0;
const waiting: (() => void)[] = [];

/** Runs `work` once it has its turn; whatever it reads into memory it should read only then. */
export async function withSharp<T>(signal: AbortSignal, work: (sharp: Sharp) => Promise<T>): Promise<T> {
  if (busy < MOST_AT_ONCE) busy += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    signal.throwIfAborted();
    loaded ??= load();
    return await work(await loaded);
  } finally {
    const next = waiting.shift();
    if (next === undefined) busy -= 1;
    else next();
  }
}

async function load(): Promise<Sharp> {
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1);
  // No image comes twice.
  sharp.cache(false);
  return sharp;
}

/** How many requests an instance accepts: the blob, its message, the 202. Nothing works on the jobs meanwhile. */
import type { Bench } from './bench.ts';
import { httpLoad } from './http-load.ts';
import { without, withSides } from './sides.ts';
import { startJob } from './start-job.ts';

export const accept: Bench = {
  name: 'accept',
  title: 'Requests accepted: Put Blob, Put Message, 202',
  run: (context) =>
    withSides(context, without('run-job'), (sides) =>
      httpLoad(context, sides, ({ host }) => startJob(host.url)),
    ),
};

/** How many polls an instance answers: Get Blob Properties and, the job having succeeded, the redirect to a SAS of its reply. */
import type { Bench } from './bench.ts';
import { httpLoad } from './http-load.ts';
import { withSides } from './sides.ts';
import { putSucceededJob } from './stored-job.ts';

export const poll: Bench = {
  name: 'poll',
  title: 'Polls answered: Get Blob Properties, SAS, 302',
  run: (context) =>
    withSides(context, {}, async (sides) => {
      const paths = { ours: await putSucceededJob(sides.ours), floor: await putSucceededJob(sides.floor) };
      return await httpLoad(context, sides, ({ name, host }) => ({
        method: 'GET',
        url: `${host.url}${paths[name]}`,
        expects: 302,
      }));
    }),
};

/** Faults while a request is accepted. */
import type { Job } from '../../../src/jobs/job.ts';
import { newRef } from '../support/arranged-job.ts';
import { type Content, OPERATION, REQUEST } from '../support/work.ts';
import { client } from './hearing.ts';
import type { Act, Scenario } from './scenario.ts';

const textOf = (bytes: number): Content => ({
  contentType: 'text/plain',
  content: Buffer.alloc(bytes, 'long request '),
});
const BLOCK_BYTES = 4 * 1024 * 1024;
const TWO_BLOCKS = textOf(BLOCK_BYTES + 7);
/** Two of them are staged by the time that its end is missed. */
const THREE_BLOCKS = textOf(2 * BLOCK_BYTES + 7);

function accept({ subject, ref }: Act, { contentType, content }: Content, contentLength?: number) {
  return subject.run(({ accept }) =>
    accept({
      operation: OPERATION,
      ref,
      contentType,
      contentLength,
      query: new URLSearchParams(),
      body: (async function* body() {
        yield content;
      })(),
    }),
  );
}

/** A client that was told `202` gets its reply; one that was told anything else finds nothing that was not asked for. */
function wholeOrNothing(heard: string, end: Job | undefined): boolean {
  if (heard === '202') return end?.state === 'Succeeded';
  if (heard === 'nothing') return end === undefined || end.state === 'Succeeded';
  return end === undefined;
}

export const acceptScenarios: readonly Scenario[] = [
  {
    title: 'Accept',
    story: 'A request that fits one call is accepted; the job is delivered afterwards.',
    arrange: async () => newRef(),
    act: (act) => accept(act, REQUEST, REQUEST.content.length),
    hears: client('202'),
    agrees: wholeOrNothing,
    strands: true,
  },
  {
    title: 'Accept, streamed',
    story: 'A request of two blocks is accepted while it arrives.',
    request: TWO_BLOCKS,
    arrange: async () => newRef(),
    act: (act) => accept(act, TWO_BLOCKS),
    hears: client('202'),
    agrees: wholeOrNothing,
    strands: true,
  },
  {
    title: 'Accept, streamed, and refused',
    story: 'The body breaks off after two blocks have been staged.',
    request: THREE_BLOCKS,
    arrange: async () => newRef(),
    act: (act) => accept(act, THREE_BLOCKS, THREE_BLOCKS.content.length + 1),
    hears: client('202'),
    agrees: wholeOrNothing,
  },
];

/** Faults while a request is accepted. */
import type { IncomingRequest } from '../../../src/jobs/accept-job.ts';
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
export const TWO_BLOCKS = textOf(BLOCK_BYTES + 7);
/** Two of them are staged by the time that its end is missed. */
const THREE_BLOCKS = textOf(2 * BLOCK_BYTES + 7);

/** @param more of the request: its announced length, the upload that it is */
export function accept(
  { subject, ref }: Pick<Act, 'subject' | 'ref'>,
  { contentType, content }: Content,
  more: Partial<Pick<IncomingRequest, 'contentLength' | 'upload' | 'fingerprintSecret'>> = {},
) {
  return subject.run(({ accept }) => accept(requestOf(ref, { contentType, content }, more)));
}

export function requestOf(
  ref: string,
  { contentType, content }: Content,
  more: Partial<IncomingRequest> = {},
): IncomingRequest {
  return {
    operation: OPERATION,
    ref,
    contentType,
    contentLength: undefined,
    query: new URLSearchParams(),
    body: (async function* body() {
      yield content;
    })(),
    ...more,
  };
}

/** A client that was told `202` gets its reply; one that was told anything else finds nothing that was not asked for. */
export function wholeOrNothing(heard: string, end: Job | undefined): boolean {
  if (heard === '202') return end?.state === 'Succeeded';
  if (heard === 'nothing') return end === undefined || end.state === 'Succeeded';
  return end === undefined;
}

export const acceptScenarios: readonly Scenario[] = [
  {
    title: 'Accept',
    story: 'A request that fits one call is accepted; the job is delivered afterwards.',
    arrange: async () => newRef(),
    act: (act) => accept(act, REQUEST, { contentLength: REQUEST.content.length }),
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
    act: (act) => accept(act, THREE_BLOCKS, { contentLength: THREE_BLOCKS.content.length + 1 }),
    hears: client('202'),
    agrees: wholeOrNothing,
  },
];

/** What must be true when a run is over: of every job that a client knows, and of every blob that is there. */
import { buffer } from 'node:stream/consumers';
import type { BlobClient, ContainerClient } from '@azure/storage-blob';
import type { Ask } from './ask.ts';
import type { Report } from './finding.ts';
import { judgeReply, type KnownJob, seenIn } from './heard.ts';
import type { JobLedger } from './job-ledger.ts';

const AT_ONCE = 16;
/** Each may meet a host that is starting. */
const MOST_ASKS = 20;

export interface FinalChecks {
  readonly ask: Ask;
  /** Not through the proxy. */
  readonly jobs: ContainerClient;
  readonly ledger: JobLedger;
  readonly known: ReadonlyMap<string, KnownJob>;
  readonly report: Report;
}

/** Reads everything again. @returns how many jobs stand in which state, those that no client knows included */
export async function checkAtTheEnd(checks: FinalChecks): Promise<Record<string, number>> {
  const { jobs, ledger, known, report } = checks;
  const states: Record<string, number> = {};
  const there = new Map<string, Record<string, string>>();
  const refs: string[] = [];
  for await (const { name, metadata = {}, properties } of jobs.listBlobsFlat({ includeMetadata: true })) {
    there.set(name, metadata);
    refs.push(name);
    const state = metadata.state ?? 'none';
    states[state] = (states[state] ?? 0) + 1;
    if (state === 'Pending') report('lost', name, `pending, attempt ${metadata.attempt}`);
    if (`"${properties.etag.replaceAll('"', '')}"` !== ledger.entry(name)?.etag)
      report('changed after its end', name, 'a write that the proxy did not see');
    if (metadata.problem?.includes('attempts-exhausted') && metadata.attempt !== metadata.limit)
      report('unexplained', name, `out of attempts at ${metadata.attempt} of ${metadata.limit}`);
  }
  await forEachOf(refs, (ref) => checkContent(checks, ref, there.get(ref) ?? {}));
  await forEachOf([...known.values()], async (job) => {
    await checkAnswer(checks, job);
    if (job.witness.end?.state !== 'gone' && !there.has(job.witness.ref))
      report('lost', job.witness.ref, 'its blob is gone');
  });
  return states;
}

/** A reply is its own job's, whole, and of the attempt that its state says. */
async function checkContent(
  { jobs, known, report }: FinalChecks,
  ref: string,
  { state, attempt, operation }: Record<string, string>,
): Promise<void> {
  if (state !== 'Succeeded') return;
  const content = await read(jobs.getBlobClient(ref));
  const job = known.get(ref);
  if (job !== undefined) return judgeReply(job, content, report, Number(attempt));
  // Of a start whose client heard nothing: only `delay` names the job in its reply.
  if (operation !== 'delay' || content[0] !== '{'.charCodeAt(0)) return;
  if ((JSON.parse(content.toString()) as { ref: string }).ref !== ref)
    report('not theirs', ref, 'the reply of another job, to nobody');
}

async function read(blob: BlobClient): Promise<Buffer> {
  const { readableStreamBody } = await blob.download();
  return readableStreamBody === undefined ? Buffer.alloc(0) : await buffer(readableStreamBody);
}

async function checkAnswer({ ask, report }: FinalChecks, { id, witness }: KnownJob): Promise<void> {
  for (let asks = 0; asks < MOST_ASKS; asks += 1) {
    const answer = await ask(`/api/jobs/${id}/status`);
    const seen = answer && seenIn(answer);
    if (seen === undefined) continue;
    // A job that is pending by now is told of by its blob.
    if (seen.state !== 'pending') witness.saw(seen);
    return;
  }
  report('unexplained', witness.ref, `no answer to ${MOST_ASKS} polls`);
}

/** A few at once. */
async function forEachOf<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of left) await act(one);
    }),
  );
}

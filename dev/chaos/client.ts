/** A client of one job: starts it, asks for it, fetches its reply or goes away, and tells a witness what it heard. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Ask, askUrl } from './ask.ts';
import type { Report } from './finding.ts';
import { type Random, randomFrom } from './random.ts';
import type { JobPlan } from './schedule.ts';
import { type Seen, type Witness, witnessOf } from './witness.ts';
import { faultOfReply, requestOf } from './work.ts';

/** A job as its client knows it. */
export interface KnownJob {
  readonly plan: JobPlan;
  readonly id: string;
  readonly witness: Witness;
  /** Of the reply, once it was fetched. */
  sha256?: string;
}

export interface ClientOptions {
  readonly ask: Ask;
  readonly report: Report;
  /** Called as soon as the job is accepted. */
  readonly onAccepted: (job: KnownJob) => void;
  /** Between two polls, at least. */
  readonly pollMs: number;
}

const CHUNK_BYTES = 64 * 1024;

/** Plays the client's part to its end: the job has ended, or the client has gone. */
export async function playClient(plan: JobPlan, options: ClientOptions): Promise<void> {
  const { ask, report, pollMs } = options;
  const random = randomFrom(plan.seed);
  if (plan.hangsUp) await startAndHangUp(plan, ask);
  const { job, isAnyUnheard } = await start(plan, options, random);
  if (plan.vanishes) return;
  // A start under its key that is still on its way would bring back a job that is deleted.
  const act = plan.key !== undefined && isAnyUnheard ? 'cancel' : plan.hand?.act;
  const handAt = performance.now() + (plan.hand?.afterMs ?? 0);
  let isLeftAlone = plan.hand === undefined;
  for (let polls = 0; ; polls += 1) {
    if (!isLeftAlone && act !== undefined && performance.now() >= handAt) {
      isLeftAlone = await layHandOn(job, act, ask);
    } else await poll(job, polls, ask, report);
    if (job.witness.end !== undefined && isLeftAlone) return;
    const slower = Math.min(5, 1 + polls / 5);
    await sleep(pollMs * slower * (0.5 + random.next()));
  }
}

/** Its job, if there ever is one, is nobody's. */
async function startAndHangUp(plan: JobPlan, ask: Ask): Promise<void> {
  const { contentType, body } = requestOf(plan);
  const gone = new AbortController();
  async function* half() {
    yield body.subarray(0, body.length / 2);
    gone.abort();
  }
  const headers = { 'content-type': contentType };
  await ask(startPath(plan), { method: 'POST', headers, body: half(), signal: gone.signal });
}

const startPath = ({ work, reply }: JobPlan) => `/api/operations/${work.operation}?reply=${reply}`;

/** Asks until it is accepted, as a client does that wants its job done. */
async function start(
  plan: JobPlan,
  options: ClientOptions,
  random: Random,
): Promise<{ job: KnownJob; isAnyUnheard: boolean }> {
  const { key } = plan;
  let known: KnownJob | undefined;
  let isAnyUnheard = false;
  const once = async () => {
    const answer = await startOnce(plan, options.ask);
    isAnyUnheard ||= answer === undefined || answer.status >= 500;
    const id = answer && idOf(answer);
    if (answer === undefined || id === undefined) return judgeRefusal(answer, options.report);
    const isFirst = known === undefined;
    known ??= knownJob(plan, id, refIn(answer), options);
    if (known.id !== id) options.report('unexplained', known.witness.ref, 'one key, two jobs');
    if (isFirst) options.onAccepted(known);
    // A start that waited hears the end itself.
    if (answer.status !== 202) seeAnswer(known, answer, options.report);
  };
  do {
    await Promise.all(Array.from({ length: key?.atOnce ? key.starts : 1 }, once));
    if (known === undefined) await sleep(500 + 1000 * random.next());
  } while (known === undefined);
  for (let more = 1; key !== undefined && !key.atOnce && more < key.starts; more += 1) await once();
  return { job: known, isAnyUnheard };
}

async function startOnce(plan: JobPlan, ask: Ask): Promise<Answer | undefined> {
  const { contentType, body } = requestOf(plan);
  async function* chunks() {
    for (let at = 0; at < body.length; at += CHUNK_BYTES) yield body.subarray(at, at + CHUNK_BYTES);
  }
  return await ask(startPath(plan), {
    method: 'POST',
    headers: {
      'content-type': contentType,
      ...(plan.key && { 'idempotency-key': `"job ${plan.index}"` }),
      ...(plan.waitSeconds > 0 && { prefer: `wait=${plan.waitSeconds}` }),
    },
    body: body.length > CHUNK_BYTES ? chunks() : body,
  });
}

/** What was accepted says where its status is, even where the start has waited and answers something else. */
function idOf({ headers }: Answer): string | undefined {
  return /\/jobs\/([\w-]{22})\/status$/.exec(headers.get('operation-location') ?? '')?.[1];
}

function refIn({ status, body }: Answer): string | undefined {
  return status === 202 ? (JSON.parse(body.toString()) as { ref: string }).ref : undefined;
}

function knownJob(plan: JobPlan, id: string, ref: string | undefined, { report }: ClientOptions): KnownJob {
  return { plan, id, witness: witnessOf(ref ?? refOfSharedOwner(id), plan.work, report) };
}

/** docs/design.md, section 1: `base64url(sha256(owner ‖ 0x00 ‖ id))`. */
function refOfSharedOwner(id: string): string {
  return createHash('sha256').update(`shared\0${id}`).digest('base64url');
}

/** The app says `429` or `503` and when to come again, the host an empty `5xx` when it loses its worker. */
function judgeRefusal(answer: Answer | undefined, report: Report): void {
  if (answer === undefined || isTransient(answer)) return;
  report('unexplained', '', `a start was answered ${answer.status} ${answer.body.toString().slice(0, 300)}`);
}

function isTransient({ status, headers, body }: Answer): boolean {
  if (status === 429 || status === 503) return body.length === 0 || headers.has('retry-after');
  return status >= 500 && body.length === 0;
}

/** True once it was heard to be done, or too late. */
async function layHandOn({ id, witness }: KnownJob, act: 'cancel' | 'delete', ask: Ask): Promise<boolean> {
  witness.asked(act);
  const answer =
    act === 'cancel'
      ? await ask(`/api/jobs/${id}/cancel`, { method: 'POST' })
      : await ask(`/api/jobs/${id}`, { method: 'DELETE' });
  if (answer === undefined || answer.status >= 500) return false;
  if (answer.status === 404) witness.saw({ state: 'gone' });
  else if (act === 'cancel' && answer.status === 409) witness.tooLate();
  else witness.done(act);
  return true;
}

async function poll(job: KnownJob, polls: number, ask: Ask, report: Report): Promise<void> {
  const { plan, id } = job;
  const isMonitor = polls % 3 === 1;
  const path = isMonitor ? `/api/jobs/${id}/status` : `/api/jobs/${id}?reply=${plan.reply}`;
  const headers = plan.waitSeconds > 0 ? { prefer: `wait=${plan.waitSeconds}` } : {};
  const answer = await ask(path, { headers });
  if (answer === undefined) return;
  if (isMonitor) {
    const seen = seenIn(answer);
    if (seen !== undefined) job.witness.saw(seen);
    else if (!isTransient(answer)) report('unexplained', job.witness.ref, `status answered ${answer.status}`);
    // The end counts as seen with the reply in hand.
    if (job.witness.end?.state !== 'Succeeded') return;
    return await poll(job, 0, ask, report);
  }
  const replyUrl = seeAnswer(job, answer, report);
  if (replyUrl !== undefined) await fetchReply(job, replyUrl, report);
}

/** What `GET …/status` says; undefined where it says nothing of the job. */
export function seenIn({ status, body }: Answer): Seen | undefined {
  if (status === 404 && body.length > 0) return { state: 'gone' };
  if (status !== 200 && status !== 202) return undefined;
  const document = JSON.parse(body.toString()) as {
    status: string;
    attempt: number;
    percentComplete?: number;
    error?: { status: number };
  };
  const { attempt, percentComplete } = document;
  switch (document.status) {
    case 'Failed':
      return { state: 'Failed', status: document.error?.status ?? 0 };
    case 'Succeeded':
    case 'Canceled':
      return { state: document.status };
    default:
      return {
        state: 'pending',
        attempt,
        ...(percentComplete !== undefined && { percent: percentComplete }),
      };
  }
}

/** Tells what the status endpoint answered. @returns where the reply is, where it is elsewhere. */
function seeAnswer(job: KnownJob, answer: Answer, report: Report): string | undefined {
  const { witness, plan } = job;
  const { status, headers, body } = answer;
  const says = body.toString('utf8', 0, 300);
  if (isTransient(answer)) return undefined;
  if (status === 302 || status === 303) {
    witness.saw({ state: 'Succeeded' });
    return headers.get('location') ?? undefined;
  }
  if (status === 200 && plan.reply === 'link') {
    witness.saw({ state: 'Succeeded' });
    return (JSON.parse(body.toString()) as { replyUrl: string }).replyUrl;
  }
  if (status === 200) {
    witness.saw({ state: 'Succeeded' });
    judgeReply(job, body, report);
  } else if (status === 410) witness.saw({ state: 'Canceled' });
  else if (status === 202 || status === 404) witness.saw(seenIn(answer) ?? { state: 'gone' });
  else if ((status === 422 || status === 500) && !says.includes(':internal-error"'))
    witness.saw({ state: 'Failed', status });
  else report('unexplained', witness.ref, `answered ${status} ${says}`);
  return undefined;
}

/** A reply that storage does not give this time is there the next time: the checks at the end read it again. */
async function fetchReply(job: KnownJob, url: string, report: Report): Promise<void> {
  const answer = await askUrl(url);
  if (answer === undefined || answer.status >= 500 || answer.status === 429) return;
  if (answer.status === 200) return judgeReply(job, answer.body, report);
  // Deleted between the redirect and the fetch, by this very client's late request.
  if (answer.status === 404 && job.plan.hand?.act === 'delete') return;
  report('unexplained', job.witness.ref, `its reply's URL answered ${answer.status}`);
}

/** @param content a reply as it was read, by whomever */
export function judgeReply(job: KnownJob, content: Buffer, report: Report, attempt?: number): void {
  const { ref } = job.witness;
  const fault = faultOfReply(job.plan, ref, content, attempt);
  if (fault !== undefined) report(fault.what, ref, fault.detail);
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (job.sha256 !== undefined && job.sha256 !== sha256)
    report('changed after its end', ref, 'another reply');
  job.sha256 = sha256;
}

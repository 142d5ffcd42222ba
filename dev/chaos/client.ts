/** A client of one job: starts it, asks for it, fetches its reply or goes away, and tells a witness what it heard. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Ask } from './ask.ts';
import type { Report } from './finding.ts';
import { fetchReply, isTransient, type KnownJob, seeAnswer, seenIn } from './heard.ts';
import { type Random, randomFrom } from './random.ts';
import type { JobPlan } from './schedule.ts';
import { witnessOf } from './witness.ts';
import { requestOf } from './work.ts';

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

/** Anything but a plea to come again nobody has asked for. */
function judgeRefusal(answer: Answer | undefined, report: Report): void {
  if (answer === undefined || isTransient(answer)) return;
  report('unexplained', '', `a start was answered ${answer.status} ${answer.body.toString().slice(0, 300)}`);
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

/** What an answer says of a job: to the witness that holds it to what was asked, and to the judge of its reply. */
import { createHash } from 'node:crypto';
import { type Answer, askUrl } from './ask.ts';
import type { Report } from './finding.ts';
import type { JobPlan } from './schedule.ts';
import type { Seen, Witness } from './witness.ts';
import { faultOfReply } from './work.ts';

/** A job as its client knows it. */
export interface KnownJob {
  readonly plan: JobPlan;
  readonly id: string;
  readonly witness: Witness;
  /** Of the reply, once it was fetched. */
  sha256?: string;
}

/** The app says `429` or `503` and when to come again, the host an empty `5xx` when it loses its worker. */
export function isTransient({ status, headers, body }: Answer): boolean {
  if (status === 429 || status === 503) return body.length === 0 || headers.has('retry-after');
  return status >= 500 && body.length === 0;
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
export function seeAnswer(job: KnownJob, answer: Answer, report: Report): string | undefined {
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
export async function fetchReply(job: KnownJob, url: string, report: Report): Promise<void> {
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

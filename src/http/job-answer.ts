/** What a job answers by its state, in its caller's dialect: to a poll, and to a start that waited for the end. */
import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { Job } from '../jobs/job.ts';
import type { JobStore } from '../jobs/ports.ts';
import { type Answer, empty, json } from './answer.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Dialect } from './dialect.ts';
import type { Links } from './links.ts';
import { failedJobAnswer, problemAnswer } from './problem.ts';
import type { RetryAfterOf } from './retry-after.ts';
import { statusDocument } from './status-document.ts';
import { MOST_UNPACED_BYTES, streamReply } from './stream-reply.ts';

/** A URL of one reply that needs no credentials. */
export type ReplyUrlOf = (ref: string) => Promise<{ readonly url: string; readonly expiresAt: Date }>;

export interface AnswerJobDependencies {
  readonly store: Pick<JobStore, 'takeRange'>;
  readonly replyUrl: ReplyUrlOf;
  readonly retryAfter: RetryAfterOf;
}

/** Who asks for a job, and how. */
export interface JobQuestion {
  readonly id: string;
  readonly dialect: Dialect;
  readonly links: Links;
  readonly request: HttpRequest;
  readonly connection: ClientConnection | undefined;
  readonly context: InvocationContext;
}

/** Throws Refusal (`job-unknown`), HttpRefusal (`range-not-satisfiable`), StorageUnavailable. */
export type AnswerJob = (job: Job, question: JobQuestion) => Promise<Answer>;

export function answerJob({ store, replyUrl, retryAfter }: AnswerJobDependencies): AnswerJob {
  return async function answer(job, question) {
    const { id, dialect, links, request, connection, context } = question;
    const instance = new URL(request.url).pathname;
    switch (job.state) {
      case 'Pending':
        return pendingAnswer(job, question, retryAfter, instance);
      case 'Failed':
        return failedJobAnswer(
          job.problem ?? { code: 'unknown', status: 500, detail: 'The job failed.' },
          instance,
        );
      case 'Canceled':
        return problemAnswer('job-canceled', 'The job was canceled; it will never have a reply.', instance);
      case 'Succeeded':
        break;
      default:
        return job.state satisfies never;
    }
    const canStream = connection !== undefined || job.sizeBytes <= MOST_UNPACED_BYTES;
    if (dialect.reply === 'stream' && canStream) return streamReply(store, job, request, connection, context);
    const { url, expiresAt } = await replyUrl(job.ref);
    if (dialect.reply === 'link') {
      const document = statusDocument(job, id, links, dialect.query);
      return json(200, { ...document, replyUrl: url, replyUrlExpiresAt: expiresAt.toISOString() });
    }
    // To a poll 302 and not 303: it is what the pattern's clients know, and after a GET the two mean the same. After a
    // POST they do not: a client may send it again to where a 302 points (RFC 9110, section 15.4.3).
    return empty(request.method === 'POST' ? 303 : 302, { location: url, 'referrer-policy': 'no-referrer' });
  };
}

function pendingAnswer(
  job: Job,
  { id, dialect, links }: JobQuestion,
  retryAfter: RetryAfterOf,
  instance: string,
): Answer {
  const headers = pendingHeaders(job, retryAfter, links.job(id, dialect.query));
  if (dialect.pending === 404) {
    return problemAnswer('job-pending', 'The job has not ended: its reply does not exist yet.', instance, {
      headers,
    });
  }
  return json(dialect.pending, statusDocument(job, id, links, dialect.query), headers);
}

/** Where and when to ask again. */
export function pendingHeaders(job: Job, retryAfter: RetryAfterOf, location: string): Record<string, string> {
  return { location, 'retry-after': retryAfter(job) };
}

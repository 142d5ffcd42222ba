/** The status document: what every client is told of a job, in one shape. docs/design.md, section 3. */
import { expiresAt, isFinished, type Job, statusOf } from '../jobs/job.ts';
import type { StatusDocument } from './documents.ts';
import type { Links } from './links.ts';

/** For the job's client, who holds its id. */
export function statusDocument(job: Job, id: string, links: Links, dialectQuery: string): StatusDocument {
  return {
    id,
    ...common(job, links.job(id, dialectQuery)),
    ...(job.state === 'Succeeded' && { resourceLocation: links.jobReply(id) }),
  };
}

/** For operators: by ref, without the id, with the internal reason of a failure. */
export function operatorDocument(job: Job, links: Links): StatusDocument {
  const document = common(job, links.operatorJob(job.ref));
  const { problem } = job;
  if (problem?.reason === undefined) return document;
  const { code, detail, status, reason } = problem;
  return { ...document, error: { code, message: detail, status, reason } };
}

function common(job: Job, location: string): Omit<StatusDocument, 'id'> {
  const { problem, startedAt, percentComplete, message } = job;
  const removedAt = expiresAt(job);
  // `Last-Modified` has whole seconds: without this a job would seem to end before it began.
  const updatedAt = new Date(Math.max(job.updatedAt.getTime(), (startedAt ?? job.createdAt).getTime()));
  return {
    ref: job.ref,
    operation: job.operation,
    status: statusOf(job),
    location,
    createdAt: job.createdAt.toISOString(),
    ...(startedAt && { startedAt: startedAt.toISOString() }),
    updatedAt: updatedAt.toISOString(),
    ...(isFinished(job) && { completedAt: updatedAt.toISOString() }),
    attempt: job.attempt,
    ...(percentComplete !== undefined && { percentComplete }),
    ...(message !== undefined && { message }),
    ...(job.state === 'Failed' &&
      problem && { error: { code: problem.code, message: problem.detail, status: problem.status } }),
    ...(removedAt && { expiresAt: removedAt.toISOString() }),
  };
}

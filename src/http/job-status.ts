/** `GET` and `HEAD /api/jobs/{id}`: the pattern's status endpoint. */
import type { Config } from '../config.ts';
import { jobUnknown } from '../jobs/errors.ts';
import { isId, type Owner, refOf } from '../jobs/identity.ts';
import type { Job } from '../jobs/job.ts';
import type { JobStore, Registry } from '../jobs/ports.ts';
import type { ReadJob } from '../jobs/read-job.ts';
import { type Answer, empty, type Handler, json } from './answer.ts';
import type { OwnerOfCaller } from './caller.ts';
import type { ConnectionOf } from './client-connection.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { type LinkSettings, type Links, linksOf } from './links.ts';
import { failedJobAnswer, problemAnswer } from './problem.ts';
import { retryAfterSeconds } from './retry-after.ts';
import { routes, routeValue } from './route.ts';
import { statusDocument } from './status-document.ts';
import { MOST_UNPACED_BYTES, streamReply } from './stream-reply.ts';

/** A URL of one reply that needs no credentials. */
export type ReplyUrlOf = (ref: string) => Promise<{ readonly url: string; readonly expiresAt: Date }>;

export interface JobStatusDependencies {
  readonly read: ReadJob;
  readonly store: Pick<JobStore, 'takeRange'>;
  readonly replyUrl: ReplyUrlOf;
  readonly registry: Registry;
  readonly ownerOf: OwnerOfCaller;
  readonly connectionOf: ConnectionOf;
  readonly config: LinkSettings & Pick<Config, 'pendingStatus' | 'replyMode'>;
}

export function jobStatus(dependencies: JobStatusDependencies): Handler {
  const { read, store, replyUrl, registry, ownerOf, connectionOf, config } = dependencies;

  return async function status(request, context) {
    const owner = ownerOf(request);
    const dialect = dialectOf(request.query, config);
    const id = jobIdOf(request.url, routes.job, owner);
    const job = await read(id.ref);
    const links = linksOf(request, config);
    const instance = new URL(request.url).pathname;
    switch (job.state) {
      case 'Pending':
        return pendingAnswer(job, id.id, links, dialect, registry, instance);
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
    const connection = connectionOf(context.invocationId);
    const canStream = connection !== undefined || job.sizeBytes <= MOST_UNPACED_BYTES;
    if (dialect.reply === 'stream' && canStream) return streamReply(store, job, request, connection, context);
    const { url, expiresAt } = await replyUrl(job.ref);
    if (dialect.reply === 'link') {
      const document = statusDocument(job, id.id, links, dialect.query);
      return json(200, { ...document, replyUrl: url, replyUrlExpiresAt: expiresAt.toISOString() });
    }
    // 302 and not 303: it is what the pattern's clients know, and a poll is a GET, where the two mean the same.
    return empty(302, { location: url, 'referrer-policy': 'no-referrer' });
  };
}

function pendingAnswer(
  job: Job,
  id: string,
  links: Links,
  dialect: Dialect,
  registry: Registry,
  instance: string,
): Answer {
  const location = links.job(id, dialect.query);
  const headers = pendingHeaders(job, registry, location);
  if (dialect.pending === 404) {
    return problemAnswer('job-pending', 'The job has not ended: its reply does not exist yet.', instance, {
      headers,
    });
  }
  return json(dialect.pending, statusDocument(job, id, links, dialect.query), headers);
}

/** Where and when to ask again. */
function pendingHeaders(job: Job, registry: Registry, location: string): Record<string, string> {
  const usualSeconds = registry.get(job.operation)?.usualSeconds;
  return { location, 'retry-after': String(retryAfterSeconds(job, usualSeconds)) };
}

/** The id in the path and the ref it has for its owner. Throws Refusal (`job-unknown`) for what cannot be an id. */
export function jobIdOf(url: string, route: string, owner: Owner): { id: string; ref: string } {
  const id = routeValue({ url }, route, 'id');
  if (!isId(id)) throw jobUnknown();
  return { id, ref: refOf(owner, id) };
}

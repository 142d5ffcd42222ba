/** `GET` and `HEAD /api/jobs/{id}`: the pattern's status endpoint. */
import type { Config } from '../config.ts';
import { jobUnknown } from '../jobs/errors.ts';
import { isId, type Owner, refOf } from '../jobs/identity.ts';
import { isFinished } from '../jobs/job.ts';
import type { ReadJob } from '../jobs/read-job.ts';
import type { JobWaits } from '../jobs/wait-for-job.ts';
import type { Handler } from './answer.ts';
import type { OwnerOfCaller } from './caller.ts';
import type { ConnectionOf } from './client-connection.ts';
import { dialectOf } from './dialect.ts';
import type { AnswerJob } from './job-answer.ts';
import { type LinkSettings, linksOf } from './links.ts';
import { routes, routeValue } from './route.ts';
import { waitPreferenceOf } from './wait-preference.ts';

export interface JobStatusDependencies {
  readonly read: ReadJob;
  readonly waits: JobWaits;
  readonly answer: AnswerJob;
  readonly ownerOf: OwnerOfCaller;
  readonly connectionOf: ConnectionOf;
  readonly config: LinkSettings & Pick<Config, 'pendingStatus' | 'replyMode' | 'maxWaitSeconds'>;
}

export function jobStatus(dependencies: JobStatusDependencies): Handler {
  const { read, waits, answer, ownerOf, connectionOf, config } = dependencies;

  return async function status(request, context) {
    const owner = ownerOf(request);
    const dialect = dialectOf(request.query, config);
    const wait = waitPreferenceOf(request, config);
    const { id, ref } = jobIdOf(request.url, routes.job, owner);
    const connection = connectionOf(context.invocationId);
    const job = await waits.untilEnded(await read(ref), wait.seconds, connection, context);
    const links = linksOf(request, config);
    const answered = await answer(job, { id, dialect, links, request, connection, context });
    if (!isFinished(job)) return answered;
    return { ...answered, headers: { ...answered.headers, ...wait.appliedHeaders } };
  };
}

/** The id in the path and the ref it has for its owner. Throws Refusal (`job-unknown`) for what cannot be an id. */
export function jobIdOf(url: string, route: string, owner: Owner): { id: string; ref: string } {
  const id = routeValue({ url }, route, 'id');
  if (!isId(id)) throw jobUnknown();
  return { id, ref: refOf(owner, id) };
}

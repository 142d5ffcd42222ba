/** What else a job's client can do with its id: the status monitor, cancel, delete. */

import type { CancelJob } from '../jobs/cancel-job.ts';
import type { DeleteJob } from '../jobs/delete-job.ts';
import { isFinished } from '../jobs/job.ts';
import type { ReadJob } from '../jobs/read-job.ts';
import { logs } from '../logs.ts';
import { empty, type Handler, json } from './answer.ts';
import type { OwnerOfCaller } from './caller.ts';
import { jobIdOf } from './job-status.ts';
import { type LinkSettings, linksOf } from './links.ts';
import type { RetryAfterOf } from './retry-after.ts';
import { routes } from './route.ts';
import { statusDocument } from './status-document.ts';

interface OwnJobDependencies {
  readonly ownerOf: OwnerOfCaller;
  readonly config: LinkSettings;
}

/** `GET /api/jobs/{id}/status`: `200` and the status document for every job that exists, for `Operation-Location` pollers. */
export function jobMonitor(
  dependencies: OwnJobDependencies & { readonly read: ReadJob; readonly retryAfter: RetryAfterOf },
): Handler {
  const { ownerOf, config, read, retryAfter } = dependencies;
  return async function monitor(request) {
    const { id, ref } = jobIdOf(request.url, routes.jobMonitor, ownerOf(request));
    const job = await read(ref);
    return json(
      200,
      statusDocument(job, id, linksOf(request, config), ''),
      isFinished(job) ? {} : { 'retry-after': retryAfter(job) },
    );
  };
}

/** `POST /api/jobs/{id}/cancel` */
export function cancelOwnJob({
  ownerOf,
  config,
  cancel,
}: OwnJobDependencies & { readonly cancel: CancelJob }): Handler {
  return async function cancelJob(request, context) {
    const { id, ref } = jobIdOf(request.url, routes.jobCancel, ownerOf(request));
    const job = await cancel(ref, context);
    return json(200, statusDocument(job, id, linksOf(request, config), ''));
  };
}

/** `DELETE /api/jobs/{id}` */
export function deleteOwnJob({
  ownerOf,
  remove,
}: Pick<OwnJobDependencies, 'ownerOf'> & { readonly remove: DeleteJob }): Handler {
  return async function deleteJob(request, context) {
    const { ref } = jobIdOf(request.url, routes.job, ownerOf(request));
    await remove(ref);
    logs.jobDeleted(context, { ref });
    return empty(204);
  };
}

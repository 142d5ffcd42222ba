/** `/api/operator/jobs`: the operator's hand on any job, by ref. */
import type { HttpRequest } from '@azure/functions';
import type { CancelJob } from '../jobs/cancel-job.ts';
import type { DeleteJob } from '../jobs/delete-job.ts';
import { jobUnknown, MarkerUnknown } from '../jobs/errors.ts';
import { isRef } from '../jobs/identity.ts';
import { JOB_STATUSES } from '../jobs/job.ts';
import type { ListJobs } from '../jobs/list-jobs.ts';
import type { ReadJob } from '../jobs/read-job.ts';
import type { RetryJob } from '../jobs/retry-job.ts';
import { logs } from '../logs.ts';
import { empty, type Handler, json } from './answer.ts';
import type { OwnerOfCaller } from './caller.ts';
import { type LinkSettings, linksOf } from './links.ts';
import type { HttpRefusal } from './problem.ts';
import { oneOf, queryInvalid, wholeNumber } from './query.ts';
import { routes, routeValue } from './route.ts';
import { operatorDocument } from './status-document.ts';

const TOP = { fallback: 100, least: 1, most: 1000 };

export interface OperatorDependencies {
  /** Operators act on everybody's jobs; under App Service authentication they must be signed in all the same. */
  readonly ownerOf: OwnerOfCaller;
  readonly config: LinkSettings;
}

/** `GET /api/operator/jobs`: `{value, nextLink?}`. */
export function listOperatorJobs({
  ownerOf,
  config,
  list,
}: OperatorDependencies & { readonly list: ListJobs }): Handler {
  return async function listJobs(request) {
    ownerOf(request);
    const { query } = request;
    const status = oneOf(query, 'status', JOB_STATUSES);
    const operation = query.get('operation') ?? undefined;
    const top = wholeNumber(query, 'top', TOP);
    const { jobs, marker } = await list({ status, operation }, { top, marker: markerOf(query) }).catch(
      (error: unknown) => {
        throw error instanceof MarkerUnknown ? skipTokenInvalid() : error;
      },
    );
    const links = linksOf(request, config);
    const next = new URLSearchParams({
      ...(status && { status }),
      ...(operation && { operation }),
      top: String(top),
      skipToken: Buffer.from(marker ?? '').toString('base64url'),
    });
    return json(200, {
      value: jobs.map((job) => operatorDocument(job, links)),
      ...(marker !== undefined && { nextLink: links.operatorJobs(`?${next}`) }),
    });
  };
}

/** `GET /api/operator/jobs/{ref}` */
export function showOperatorJob({
  ownerOf,
  config,
  read,
}: OperatorDependencies & { readonly read: ReadJob }): Handler {
  return async function showJob(request) {
    ownerOf(request);
    const job = await read(refIn(request, routes.operatorJob));
    return json(200, operatorDocument(job, linksOf(request, config)));
  };
}

/** `POST /api/operator/jobs/{ref}/retry`: `202`, since the work begins anew. */
export function retryOperatorJob({
  ownerOf,
  config,
  retry,
}: OperatorDependencies & { readonly retry: RetryJob }): Handler {
  return async function retryJob(request, context) {
    ownerOf(request);
    const job = await retry(refIn(request, routes.operatorJobRetry));
    logs.jobRetried(context, { ref: job.ref, attempt: job.attempt });
    return json(202, operatorDocument(job, linksOf(request, config)));
  };
}

/** `POST /api/operator/jobs/{ref}/cancel` */
export function cancelOperatorJob({
  ownerOf,
  config,
  cancel,
}: OperatorDependencies & { readonly cancel: CancelJob }): Handler {
  return async function cancelJob(request, context) {
    ownerOf(request);
    const job = await cancel(refIn(request, routes.operatorJobCancel), context);
    return json(200, operatorDocument(job, linksOf(request, config)));
  };
}

/** `DELETE /api/operator/jobs/{ref}` */
export function deleteOperatorJob({
  ownerOf,
  remove,
}: Pick<OperatorDependencies, 'ownerOf'> & { readonly remove: DeleteJob }): Handler {
  return async function deleteJob(request, context) {
    ownerOf(request);
    const ref = refIn(request, routes.operatorJob);
    await remove(ref);
    logs.jobDeleted(context, { ref });
    return empty(204);
  };
}

function refIn(request: Pick<HttpRequest, 'url'>, route: string): string {
  const ref = routeValue(request, route, 'ref');
  if (!isRef(ref)) throw jobUnknown();
  return ref;
}

function markerOf(query: URLSearchParams): string | undefined {
  const skipToken = query.get('skipToken');
  if (skipToken === null) return undefined;
  const marker = Buffer.from(skipToken, 'base64url').toString();
  // Storage's own are printable ASCII; other text would not even reach it as it was signed.
  if (!/^[A-Za-z0-9_-]+$/.test(skipToken) || !/^[\x20-\x7e]+$/.test(marker)) throw skipTokenInvalid();
  return marker;
}

function skipTokenInvalid(): HttpRefusal {
  return queryInvalid('skipToken', 'must be one that a nextLink had');
}

/** `POST /api/operations/{operation}`: accepts a request and answers 202, or what came of the job where its caller waits. */
import type { Config } from '../config.ts';
import type { AcceptJob } from '../jobs/accept-job.ts';
import { Refusal } from '../jobs/errors.ts';
import type { FastPath } from '../jobs/fast-path.ts';
import { idOfKey, isId, newId, type Owner, refOf } from '../jobs/identity.ts';
import { isFinished, type Job } from '../jobs/job.ts';
import type { JobQueue, Registry } from '../jobs/ports.ts';
import { senderOf } from '../jobs/send-message.ts';
import { uploadUnknown } from '../jobs/upload.ts';
import type { JobWaits } from '../jobs/wait-for-job.ts';
import { logs } from '../logs.ts';
import { tracing } from '../telemetry/tracing.ts';
import { type Answer, type Handler, json } from './answer.ts';
import { type OwnerOfCaller, traceOf } from './caller.ts';
import type { ConnectionOf } from './client-connection.ts';
import { dialectOf } from './dialect.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';
import { type AnswerJob, type JobQuestion, pendingHeaders } from './job-answer.ts';
import { type LinkSettings, linksOf } from './links.ts';
import { queryInvalid } from './query.ts';
import type { RetryAfterOf } from './retry-after.ts';
import { routes, routeValue } from './route.ts';
import { statusDocument } from './status-document.ts';
import { waitPreferenceOf } from './wait-preference.ts';

export interface StartOperationDependencies {
  readonly accept: AcceptJob;
  readonly queue: JobQueue;
  readonly registry: Registry;
  /** Resolves once containers and queues are there. */
  readonly prepared: () => Promise<void>;
  /** What turns an `Idempotency-Key` into an id. */
  readonly secret: () => Promise<Uint8Array>;
  readonly fastPath: FastPath;
  readonly ownerOf: OwnerOfCaller;
  readonly waits: JobWaits;
  readonly answer: AnswerJob;
  readonly retryAfter: RetryAfterOf;
  readonly connectionOf: ConnectionOf;
  readonly config: LinkSettings & Pick<Config, 'pendingStatus' | 'replyMode' | 'maxWaitSeconds'>;
}

export function startOperation(dependencies: StartOperationDependencies): Handler {
  const {
    accept,
    queue,
    registry,
    prepared,
    secret,
    fastPath,
    ownerOf,
    waits,
    answer,
    retryAfter,
    connectionOf,
    config,
  } = dependencies;

  return async function start(request, context) {
    const owner = ownerOf(request);
    const dialect = dialectOf(request.query, config);
    const wait = waitPreferenceOf(request, config);
    const upload = uploadIn(request.query, owner);
    const key = idempotencyKeyOf(request);
    const trace = tracing.current() ?? traceOf(request);
    await prepared();
    const fingerprintSecret = key === undefined ? undefined : await secret();
    const id =
      key === undefined || fingerprintSecret === undefined ? newId() : idOfKey(fingerprintSecret, owner, key);
    const send = senderOf(queue, registry, trace);
    const accepted = await accept(
      {
        operation: routeValue(request, routes.operation, 'operation'),
        ref: refOf(owner, id),
        fingerprintSecret,
        traceparent: trace.traceparent,
        contentType: request.headers.get('content-type') ?? undefined,
        contentEncoding: request.headers.get('content-encoding') ?? undefined,
        contentLength: contentLengthOf(request.headers.get('content-length')),
        query: request.query,
        upload,
        body: request.body ?? noBody(),
        beginHere: wait.seconds === 0 ? undefined : (taken) => fastPath(taken, wait.seconds, send, trace),
      },
      send,
      context,
    );
    const connection = connectionOf(context.invocationId);
    const job = await waits.untilEnded(accepted, wait.seconds, connection, context, accepted.endsHere);
    const links = linksOf(request, config);
    const location = links.job(id, dialect.query);
    const where = { location, 'operation-location': links.jobMonitor(id) };
    // Whoever does not wait gets the 202, whatever has become of the job.
    const inTime =
      wait.seconds === 0
        ? undefined
        : await answerInTime(job, { id, dialect, links, request, connection, context });
    if (inTime !== undefined) {
      return { ...inTime, headers: { ...where, ...inTime.headers, ...wait.appliedHeaders } };
    }
    return json(202, statusDocument(job, id, links, dialect.query), {
      ...where,
      ...pendingHeaders(job, retryAfter, location),
    });
  };

  /** Undefined where the job has not ended, and where its outcome cannot be had: it was accepted, and is not to look refused. */
  async function answerInTime(job: Job, question: JobQuestion): Promise<Answer | undefined> {
    if (!isFinished(job)) return undefined;
    try {
      return await answer(job, question);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      logs.waitBroken(question.context, { ref: job.ref }, error);
      return undefined;
    }
  }
}

/** The ref of the upload that is to be the request. What cannot be an upload's id is answered like an unknown one. */
function uploadIn(query: URLSearchParams, owner: Owner): string | undefined {
  const [id, ...others] = query.getAll('upload');
  if (id === undefined) return undefined;
  if (others.length > 0) throw queryInvalid('upload', 'must stand once');
  if (!isId(id)) throw uploadUnknown();
  return refOf(owner, id);
}

function contentLengthOf(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}

async function* noBody(): AsyncGenerator<Uint8Array> {}

/** `POST /api/operations/{operation}`: accepts a request and answers 202 at once. */
import type { Config } from '../config.ts';
import type { AcceptJob } from '../jobs/accept-job.ts';
import { newId, refOf } from '../jobs/identity.ts';
import type { JobQueue, Registry } from '../jobs/ports.ts';
import { senderOf } from '../jobs/send-message.ts';
import { type Handler, json } from './answer.ts';
import { type OwnerOfCaller, traceOf } from './caller.ts';
import { dialectOf } from './dialect.ts';
import { type LinkSettings, linksOf } from './links.ts';
import { retryAfterSeconds } from './retry-after.ts';
import { routes, routeValue } from './route.ts';
import { statusDocument } from './status-document.ts';

export interface StartOperationDependencies {
  readonly accept: AcceptJob;
  readonly queue: JobQueue;
  readonly registry: Registry;
  /** Resolves once containers and queues are there. */
  readonly prepared: () => Promise<void>;
  readonly ownerOf: OwnerOfCaller;
  readonly config: LinkSettings & Pick<Config, 'pendingStatus' | 'replyMode'>;
}

export function startOperation(dependencies: StartOperationDependencies): Handler {
  const { accept, queue, registry, prepared, ownerOf, config } = dependencies;
  return async function start(request, context) {
    const owner = ownerOf(request);
    const dialect = dialectOf(request.query, config);
    const id = newId();
    await prepared();
    const job = await accept(
      {
        operation: routeValue(request, routes.operation, 'operation'),
        ref: refOf(owner, id),
        contentType: request.headers.get('content-type') ?? undefined,
        contentLength: contentLengthOf(request.headers.get('content-length')),
        query: request.query,
        body: request.body ?? noBody(),
      },
      senderOf(queue, registry, traceOf(request)),
      context,
    );
    const links = linksOf(request, config);
    return json(202, statusDocument(job, id, links, dialect.query), {
      location: links.job(id, dialect.query),
      'operation-location': links.jobMonitor(id),
      'retry-after': String(retryAfterSeconds(job, registry.get(job.operation)?.usualSeconds)),
    });
  };
}

function contentLengthOf(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}

async function* noBody(): AsyncGenerator<Uint8Array> {}

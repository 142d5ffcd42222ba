/** The SDK's clients, made from the connection: once for work, which is patient, and once for callers, who are not. */
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, newPipeline as newBlobPipeline, RestError } from '@azure/storage-blob';
import { newPipeline as newQueuePipeline, QueueServiceClient } from '@azure/storage-queue';
import { type Circuit, circuit } from './circuit.ts';
import type { StorageConnection } from './connection.ts';

export interface StorageClients {
  readonly blobs: BlobServiceClient;
  readonly queues: QueueServiceClient;
}

/**
 * Who waits for storage. `work`: attempts, deliveries, the sweep, which go on at their own pace. `callers`: HTTP requests, which
 * are told within seconds that storage does not answer, and at once while that is known.
 */
export type Patience = 'work' | 'callers';

/**
 * Few and short retries: a queue delivers again, and a client is told to come again. No time-out by storage: without the 0 a queue
 * client writes 30 s into this very object, and blocks sent over a slow line had to arrive within them.
 */
const RETRIES = {
  retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000, tryTimeoutInMs: 0 },
};

/**
 * How long a try may go without an answer; the SDK itself sets no limit. It is not tried again: storage that is silent for so
 * long is not slow. Storage's own limit for most calls is 30 s.
 */
const ANSWER_WITHIN_MS: Readonly<Record<Patience, number>> = { work: 30_000, callers: 3000 };
/** How long a token may take, which the SDK does not limit either; a developer's own tools take some seconds over one. */
const TOKEN_WITHIN_MS: Readonly<Record<Patience, number>> = { work: 30_000, callers: 8000 };
/** What sending a body takes on top: no slower than this, even from a developer's machine to a storage account far away. */
const SLOWEST_BYTES_PER_MS = 256;

/** @param credential instead of the identity's own, for tests */
export function storageClients(
  connection: StorageConnection,
  patience: Patience,
  credential?: TokenCredential,
): StorageClients {
  const { blobs, queues } = plainClients(connection, patience, credential);
  // One circuit a service: polls need no queue.
  return {
    blobs: new LimitedBlobs(blobs.url, blobs.credential, limited(patience)),
    queues: new LimitedQueues(queues.url, blobs.credential, limited(patience)),
  };
}

/**
 * These reach the pipeline that the SDK makes, which all clients share that come from one of them: `newPipeline` takes only policies
 * of its former kind, and converts each request and each answer for them, there and back.
 */
class LimitedBlobs extends BlobServiceClient {
  constructor(url: string, credential: BlobServiceClient['credential'], limits: PipelinePolicy) {
    super(url, newBlobPipeline(credential, RETRIES));
    this.storageClientContext.pipeline.addPolicy(limits);
  }
}

class LimitedQueues extends QueueServiceClient {
  constructor(url: string, credential: BlobServiceClient['credential'], limits: PipelinePolicy) {
    super(url, newQueuePipeline(credential, RETRIES));
    this.storageClientContext.queuesClient.pipeline.addPolicy(limits);
  }
}

/** As the SDK makes them. What they know of URL and credential makes those that are limited. */
function plainClients(
  connection: StorageConnection,
  patience: Patience,
  credential: TokenCredential | undefined,
): StorageClients {
  if (connection.kind === 'connection-string') {
    return {
      blobs: BlobServiceClient.fromConnectionString(connection.connectionString),
      queues: QueueServiceClient.fromConnectionString(connection.connectionString),
    };
  }
  const identity = inTime(credential ?? credentialOf(connection), TOKEN_WITHIN_MS[patience]);
  return {
    blobs: new BlobServiceClient(connection.blobServiceUri, identity),
    queues: new QueueServiceClient(connection.queueServiceUri, identity),
  };
}

/** An endpoint of identities that takes a request and says nothing would otherwise hold up its caller for good. */
function inTime(credential: TokenCredential, withinMs: number): TokenCredential {
  return {
    async getToken(scopes, options) {
      const tooLate = Promise.withResolvers<never>();
      const limit = setTimeout(() => tooLate.reject(new Error(`no token within ${withinMs} ms`)), withinMs);
      const token = credential.getToken(scopes, options);
      return await Promise.race([token, tooLate.promise]).finally(() => clearTimeout(limit));
    },
  };
}

/** Runs once a call, around its retries; the time-out is of each try, and ends with the answer's head. */
function limited(patience: Patience): PipelinePolicy {
  const run: Circuit = patience === 'callers' ? circuit(isOutage) : (call) => call();
  return {
    name: 'limited',
    sendRequest(request, next) {
      const { body } = request;
      const bodyBytes = typeof body === 'string' || body instanceof Uint8Array ? body.length : 0;
      request.timeout = ANSWER_WITHIN_MS[patience] + bodyBytes / SLOWEST_BYTES_PER_MS;
      return run(async () => {
        const response = await next(request);
        // Of such an answer the queues' clients make an error only after their pipeline, where the circuit would not see it.
        if (response.status >= 500) throw unanswered(response);
        return response;
      });
    },
  };
}

function unanswered(response: PipelineResponse): RestError {
  const { request, status: statusCode, headers } = response;
  const code = headers.get('x-ms-error-code');
  return new RestError(`storage answered ${statusCode}`, {
    statusCode,
    request,
    response,
    ...(code !== undefined && { code }),
  });
}

/** Whatever storage answers shows that it is there, but for its own errors: 503 is also how it throttles. */
function isOutage(error: unknown): boolean {
  return !(error instanceof RestError && error.statusCode !== undefined && error.statusCode < 500);
}

/** The identity's own, or a developer's. */
export function credentialOf(identity: Identity): TokenCredential {
  let made: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      made ??= makeCredential(identity);
      return await (await made).getToken(scopes, options);
    },
  };
}

type Identity = Pick<StorageConnection & { kind: 'identity' }, 'clientId' | 'isManagedIdentity'>;

/** Loaded by the first token, from a file of its own, and not by the app's start: many never ask for one. */
async function makeCredential({ clientId, isManagedIdentity }: Identity): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  if (isManagedIdentity) {
    return clientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId });
  }
  return clientId === undefined
    ? new DefaultAzureCredential()
    : new DefaultAzureCredential({ managedIdentityClientId: clientId });
}

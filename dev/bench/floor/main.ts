/**
 * The floor of `npm run bench`: what anybody would build who needs the storage calls of a short job and nothing else, as
 * functions of the same kinds, names and routes as the app's, on the same library. What the app takes more than this, it takes
 * for what it does more.
 */
import { randomBytes } from 'node:crypto';
import { app } from '@azure/functions';
import {
  BlobSASPermissions,
  BlobServiceClient,
  generateBlobSASQueryParameters,
  type StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { JOBS_CONTAINER, queueNameOf } from '../../../src/storage/names.ts';

const REPLY_URL_TTL_MS = 900_000;

const connectionString = process.env.AzureWebJobsStorage ?? '';
const blobs = BlobServiceClient.fromConnectionString(connectionString);
const jobs = blobs.getContainerClient(JOBS_CONTAINER);
const queueName = queueNameOf(undefined);
const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient(queueName);
/** As much as the app keeps of a job there: the calls are to be the same, and storage's part in them. */
const metadata = {
  layout: '1',
  operation: 'delay',
  state: 'Pending',
  attempt: '1',
  limit: '5',
  recovered: '0',
  createdat: '2026-01-01T00:00:00.000Z',
  retentionseconds: '604800',
};

app.setup({ enableHttpStream: true });
app.hook.appStart(async () => {
  await Promise.all([jobs.createIfNotExists(), queue.createIfNotExists()]);
});

app.http('start-operation', {
  methods: ['POST'],
  route: 'operations/{operation}',
  authLevel: 'function',
  async handler(request) {
    const ref = randomBytes(32).toString('base64url');
    const body = Buffer.from(await request.arrayBuffer());
    await jobs.getBlockBlobClient(ref).upload(body, body.length, {
      metadata,
      blobHTTPHeaders: { blobContentType: 'application/json' },
      conditions: { ifNoneMatch: '*' },
    });
    const message = Buffer.from(JSON.stringify({ job: ref, attempt: 1 })).toString('base64');
    await queue.sendMessage(message, { messageTimeToLive: -1 });
    return { status: 202, headers: { location: `/api/jobs/${ref}` }, jsonBody: { ref } };
  },
});

app.http('job-status', {
  methods: ['GET', 'HEAD'],
  route: 'jobs/{id}',
  authLevel: 'anonymous',
  async handler(request) {
    const ref = request.params.id ?? '';
    const blob = jobs.getBlobClient(ref);
    const { metadata: { state } = {} } = await blob.getProperties();
    if (state === 'Pending') return { status: 202 };
    const now = Date.now();
    const sas = generateBlobSASQueryParameters(
      {
        containerName: JOBS_CONTAINER,
        blobName: ref,
        permissions: BlobSASPermissions.parse('r'),
        startsOn: new Date(now - 300_000),
        expiresOn: new Date(now + REPLY_URL_TTL_MS),
      },
      blobs.credential as StorageSharedKeyCredential,
    );
    return { status: 302, headers: { location: `${blob.url}?${sas}` } };
  },
});

app.storageQueue('run-job', {
  queueName,
  connection: 'AzureWebJobsStorage',
  async handler(entry) {
    const { job: ref } = entry as { job: string };
    const blob = jobs.getBlockBlobClient(ref);
    const taken = await blob.download();
    const chunks: Buffer[] = [];
    for await (const chunk of taken.readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
    const request = JSON.parse(Buffer.concat(chunks).toString()) as { seconds: number };
    const reply = JSON.stringify({ ref, seconds: request.seconds, attempt: 1 });
    await blob.upload(reply, reply.length, {
      metadata: { ...metadata, state: 'Succeeded' },
      blobHTTPHeaders: { blobContentType: 'application/json' },
      ...(taken.etag !== undefined && { conditions: { ifMatch: taken.etag } }),
    });
  },
});

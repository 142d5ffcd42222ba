/**
 * The composition root: reads the configuration, builds the adapters and the use cases, registers every function.
 * The only file whose import does anything. The template registers each function at the import of its own file; then
 * nothing can be given to a handler but globals.
 */
import { join } from 'node:path';
import { app } from '@azure/functions';
import { loadConfig } from './config.ts';
import { durableEngine } from './durable/engine.ts';
import { registerWorkflows } from './durable/register-workflows.ts';
import { httpFunctions, registerHttpFunctions } from './functions/http-functions.ts';
import { registerQueueFunctions } from './functions/queue-functions.ts';
import { registerTimerFunctions } from './functions/timer-functions.ts';
import { ownerOfCaller } from './http/caller.ts';
import { listOperations, showOperation } from './http/catalogue.ts';
import { pairConnections } from './http/client-connection.ts';
import { createUpload } from './http/create-upload.ts';
import { health } from './http/health.ts';
import { answerJob } from './http/job-answer.ts';
import { jobStatus } from './http/job-status.ts';
import {
  cancelOperatorJob,
  deleteOperatorJob,
  listOperatorJobs,
  retryOperatorJob,
  showOperatorJob,
} from './http/operator-jobs.ts';
import { cancelOwnJob, deleteOwnJob, jobMonitor } from './http/own-job.ts';
import { noPage, page } from './http/pages.ts';
import { routes } from './http/route.ts';
import { showOpenApi } from './http/show-openapi.ts';
import { startOperation } from './http/start-operation.ts';
import { acceptJob } from './jobs/accept-job.ts';
import { cancelJob } from './jobs/cancel-job.ts';
import { deleteJob } from './jobs/delete-job.ts';
import { deliverJob } from './jobs/deliver-job.ts';
import { endWorkflow } from './jobs/end-workflow.ts';
import { watchEventLoop } from './jobs/event-loop-watch.ts';
import { handOver } from './jobs/hand-over.ts';
import { listJobs } from './jobs/list-jobs.ts';
import type { TraceContext } from './jobs/ports.ts';
import { queueFronts } from './jobs/queue-fronts.ts';
import { readJob } from './jobs/read-job.ts';
import { recoverJob } from './jobs/recover-job.ts';
import { lanesOf, registryOf } from './jobs/registry.ts';
import { retryJob } from './jobs/retry-job.ts';
import { revivePoisonedJob } from './jobs/revive-poisoned-job.ts';
import { runActivity } from './jobs/run-activity.ts';
import { PACE, runAttempt } from './jobs/run-attempt.ts';
import { runningAttempts } from './jobs/running-attempts.ts';
import { senderOf } from './jobs/send-message.ts';
import { settleWorkflow } from './jobs/settle-workflow.ts';
import { sweepJobs } from './jobs/sweep-jobs.ts';
import { sweepWorkflows } from './jobs/sweep-workflows.ts';
import { uploadRetentionSeconds } from './jobs/upload.ts';
import { waitForJob } from './jobs/wait-for-job.ts';
import { logs } from './logs.ts';
import * as diagnosticOperations from './operations/diagnostic.ts';
import * as operations from './operations/index.ts';
import { appSecret } from './storage/app-secret.ts';
import { storageClients } from './storage/clients.ts';
import { jobBlobs } from './storage/job-blobs.ts';
import { jobQueues } from './storage/job-queues.ts';
import {
  APP_CONTAINER,
  JOBS_CONTAINER,
  poisonQueueNameOf,
  queueNameOf,
  SCRATCH_CONTAINER,
  UPLOADS_CONTAINER,
} from './storage/names.ts';
import { preparing } from './storage/prepare.ts';
import { scratchBlobs } from './storage/scratch-blobs.ts';
import { urlSigner } from './storage/signed-urls.ts';
import { storageClock } from './storage/storage-clock.ts';
import { sweepBlob } from './storage/sweep-blob.ts';
import { uploadBlobs } from './storage/upload-blobs.ts';

/** The host ends the process about 2 s after it has said so. */
const HAND_BACK_WITHIN_MS = 1700;

const config = loadConfig();
const registry = registryOf(
  Object.values(config.diagnosticOperations ? { ...operations, ...diagnosticOperations } : operations),
  config.functionTimeoutSeconds,
);
const lanes = lanesOf(registry);

const clients = storageClients(config.storage);
const clock = storageClock();
const container = clients.blobs.getContainerClient(JOBS_CONTAINER);
const store = jobBlobs(container, clock);
const uploads = uploadBlobs(clients.blobs.getContainerClient(UPLOADS_CONTAINER), clock);
const signedUrls = urlSigner(clients.blobs, clock);
const queue = jobQueues(clients.queues, queueNameOf, clock);
const appContainer = clients.blobs.getContainerClient(APP_CONTAINER);
const secret = appSecret(appContainer);
const madeOnce = preparing(clients.blobs, clients.queues, {
  containers: [JOBS_CONTAINER, UPLOADS_CONTAINER, SCRATCH_CONTAINER, APP_CONTAINER],
  queues: lanes.flatMap((lane) => [queueNameOf(lane), poisonQueueNameOf(lane)]),
});
async function prepared(): Promise<void> {
  await madeOnce();
  await secret();
}

const ownerOf = ownerOfCaller(config);
const sender = (trace: TraceContext) => senderOf(queue, registry, trace);
/** For what no invocation has asked for. */
const appLog = { info: console.log, warn: console.warn, error: console.error };
const recover = recoverJob({ store, send: sender({}), frontOf: queueFronts(queue, registry), log: appLog });
const read = readJob(store, recover);
const waits = waitForJob({ read, maxWaiters: config.maxWaiters });
const engine = durableEngine();
const scratch = scratchBlobs(clients.blobs.getContainerClient(SCRATCH_CONTAINER));
const settle = settleWorkflow({ store, scratch, registry, clock, heartbeatMs: PACE.heartbeatMs });
const endEngine = endWorkflow(engine, scratch, appLog);
const cancel = cancelJob(store, endEngine);
const remove = deleteJob(store, endEngine);
const running = runningAttempts();
const answer = answerJob({
  store,
  replyUrl: signedUrls({
    containerName: JOBS_CONTAINER,
    allows: 'read',
    ttlSeconds: config.replyUrlTtlSeconds,
  }),
  registry,
});
const deliver = deliverJob({
  store,
  runAttempt: runAttempt({
    store,
    uploads,
    registry,
    clock,
    pace: PACE,
    enterEventLoopWatch: watchEventLoop(),
    running,
  }),
  workflows: handOver({ store, engine, registry, clock, settle }),
});

app.setup({ enableHttpStream: true });
const connectionOf = pairConnections();
app.hook.preInvocation(({ invocationContext }) => engine.learn(invocationContext));
app.hook.appStart(() => {
  // Not awaited: a start without storage serves what it can, and the first request tries again.
  prepared().catch((error: unknown) => logs.storageNotReady(appLog, error));
});
app.hook.appTerminate(async () => {
  const handedBack = await running.handBackAll(HAND_BACK_WITHIN_MS);
  if (handedBack.asked > 0) logs.attemptsHandedBack(appLog, handedBack);
});

// The bundle is CommonJS: __dirname is where the build put it, with the pages beside it.
const pageOf = (name: string, fileRoute: string, files: readonly string[]) =>
  page(fileRoute, {
    folder: join(__dirname, 'pages', name),
    files,
    storageOrigin: new URL(clients.blobs.url).origin,
    config,
  });
const docs = pageOf('docs', routes.docsFile, ['docs.js', 'swagger-ui-bundle.js', 'swagger-ui.css']);
const demo = config.demoPage ? pageOf('demo', routes.demoFile, ['demo.js', 'demo.css']) : noPage;

registerHttpFunctions(
  httpFunctions({
    startOperation: startOperation({
      accept: acceptJob({
        store,
        uploads,
        registry,
        clock,
        maxRequestBytes: config.maxRequestBytes,
        uploadRetentionSeconds: uploadRetentionSeconds(registry),
      }),
      queue,
      registry,
      prepared,
      secret,
      ownerOf,
      waits,
      answer,
      connectionOf,
      config,
    }),
    createUpload: createUpload({
      uploadUrl: signedUrls({
        containerName: UPLOADS_CONTAINER,
        allows: 'write',
        ttlSeconds: config.uploadUrlTtlSeconds,
      }),
      prepared,
      ownerOf,
    }),
    listOperations: listOperations({ registry, config }),
    showOperation: showOperation({ registry, config }),
    jobStatus: jobStatus({ read, waits, answer, ownerOf, connectionOf, config }),
    jobMonitor: jobMonitor({ ownerOf, config, read, registry }),
    cancelJob: cancelOwnJob({ ownerOf, config, cancel }),
    deleteJob: deleteOwnJob({ ownerOf, remove }),
    listOperatorJobs: listOperatorJobs({ ownerOf, config, list: listJobs(store) }),
    showOperatorJob: showOperatorJob({ ownerOf, config, read }),
    retryOperatorJob: retryOperatorJob({ ownerOf, config, retry: retryJob(store, registry, sender({})) }),
    cancelOperatorJob: cancelOperatorJob({ ownerOf, config, cancel }),
    deleteOperatorJob: deleteOperatorJob({ ownerOf, remove }),
    health: health(async () => {
      await container.getProperties();
    }),
    showOpenApi: showOpenApi({ registry, config }),
    docsPage: docs.page,
    docsFile: docs.file,
    demoPage: demo.page,
    demoFile: demo.file,
  }),
  config,
  engine.input,
);
registerQueueFunctions({
  lanes,
  queueNameOf,
  poisonQueueNameOf,
  connection: config.storage.name,
  engineInput: engine.input,
  senderOf: sender,
  // Most often it is this instance's own delivery that ends the job.
  deliver: (message, ...more) => deliver(message, ...more).finally(() => waits.lookNow(message.job)),
  revive: revivePoisonedJob({ store }),
});
registerTimerFunctions({
  sweep: sweepJobs({
    store,
    uploads,
    uploadRetentionSeconds: uploadRetentionSeconds(registry),
    place: sweepBlob(appContainer),
    recover,
    pagesPerMinute: config.sweepPagesPerMinute,
  }),
  sweepWorkflows: sweepWorkflows({ store, scratch, engine, clock }),
  engineInput: engine.input,
  prepared,
});
const activity = runActivity({ store, uploads, scratch, registry, clock, pace: PACE });
registerWorkflows({
  registry,
  send: sender({}),
  runActivity: (order, ...more) => activity(order, ...more).finally(() => waits.lookNow(order.run.ref)),
  settle: (run, ...more) => settle(run, ...more).finally(() => waits.lookNow(run.ref)),
});

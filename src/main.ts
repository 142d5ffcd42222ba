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
import { retryAfterOf } from './http/retry-after.ts';
import { routes } from './http/route.ts';
import { showOpenApi } from './http/show-openapi.ts';
import { startOperation } from './http/start-operation.ts';
import { acceptJob } from './jobs/accept-job.ts';
import { backlogs } from './jobs/backlog.ts';
import { cancelJob } from './jobs/cancel-job.ts';
import { deleteJob } from './jobs/delete-job.ts';
import { deliverJob } from './jobs/deliver-job.ts';
import { endWorkflow } from './jobs/end-workflow.ts';
import { watchEventLoop } from './jobs/event-loop-watch.ts';
import { fastPathOf, HIDING } from './jobs/fast-path.ts';
import { handOver } from './jobs/hand-over.ts';
import { listJobs } from './jobs/list-jobs.ts';
import { measureQueues } from './jobs/measure-queues.ts';
import { type FrontOf, queueFronts } from './jobs/queue-fronts.ts';
import { readJob } from './jobs/read-job.ts';
import { recoverJob } from './jobs/recover-job.ts';
import { lanesOf, registryOf } from './jobs/registry.ts';
import { retryJob } from './jobs/retry-job.ts';
import { revivePoisonedJob } from './jobs/revive-poisoned-job.ts';
import { roomOf } from './jobs/room.ts';
import { runActivity } from './jobs/run-activity.ts';
import { PACE, runAttempt } from './jobs/run-attempt.ts';
import { runningAttempts } from './jobs/running-attempts.ts';
import { senderOf } from './jobs/send-message.ts';
import { settleWorkflow } from './jobs/settle-workflow.ts';
import { sweepJobs } from './jobs/sweep-jobs.ts';
import { sweepWorkflows } from './jobs/sweep-workflows.ts';
import { uploadRetentionSeconds } from './jobs/upload.ts';
import { waitForJob } from './jobs/wait-for-job.ts';
import { listenToLogs, logs } from './logs.ts';
import * as diagnosticOperations from './operations/diagnostic.ts';
import * as operations from './operations/index.ts';
import { appSecret } from './storage/app-secret.ts';
import { credentialOf, type Patience, storageClients } from './storage/clients.ts';
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
import { COMMON_LANE } from './telemetry/catalogue.ts';
import type { startTelemetry } from './telemetry/open-telemetry/start.ts';
import { traceBy, tracing } from './telemetry/tracing.ts';

/** The host ends the process about 2 s after it has said so. */
const END_WITHIN_MS = 1900;
const HAND_BACK_WITHIN_MS = 1700;

const config = loadConfig();
const registry = registryOf(
  Object.values(config.diagnosticOperations ? { ...operations, ...diagnosticOperations } : operations),
  config.functionTimeoutSeconds,
);
const lanes = lanesOf(registry);

const clock = storageClock();
const ports = (patience: Patience) => {
  const { blobs, queues } = storageClients(config.storage, patience);
  const container = blobs.getContainerClient(JOBS_CONTAINER);
  return {
    blobs,
    queues,
    container,
    appContainer: blobs.getContainerClient(APP_CONTAINER),
    store: jobBlobs(container, clock),
    uploads: uploadBlobs(blobs.getContainerClient(UPLOADS_CONTAINER), clock),
    scratch: scratchBlobs(blobs.getContainerClient(SCRATCH_CONTAINER)),
    queue: jobQueues(queues, queueNameOf, clock),
  };
};
/** What HTTP requests go by: storage that does not answer is said so within seconds, or at once. */
const callers = ports('callers');
/** What attempts, deliveries and the sweep go by, at their own pace. */
const work = ports('work');

/** For what no invocation has asked for. */
const appLog = { info: console.log, warn: console.warn, error: console.error };
const signedUrls = urlSigner(callers.blobs, clock, appLog);
const secret = appSecret(callers.appContainer);
const madeOnce = preparing(callers.blobs, callers.queues, {
  containers: [JOBS_CONTAINER, UPLOADS_CONTAINER, SCRATCH_CONTAINER, APP_CONTAINER],
  queues: lanes.flatMap((lane) => [queueNameOf(lane), poisonQueueNameOf(lane)]),
});
async function prepared(): Promise<void> {
  await madeOnce();
  await secret();
}

const ownerOf = ownerOfCaller(config);
const frontOf = queueFronts(callers.queue, registry);
const recoverBy = ({ store, queue }: typeof work, front: FrontOf) =>
  recoverJob({ store, send: senderOf(queue, registry), frontOf: front, log: appLog });
const read = readJob(callers.store, recoverBy(callers, frontOf));
const waits = waitForJob({ read, maxWaiters: config.maxWaiters });
const backlog = backlogs(callers.queue, registry, config.maxBacklog);
const retryAfter = retryAfterOf(registry, backlog);
const laneName = (lane: string | undefined) => lane ?? COMMON_LANE;
const telemetry = config.telemetry && loadTelemetry(config.telemetry);
const engine = durableEngine();
const settle = settleWorkflow({
  store: work.store,
  scratch: work.scratch,
  registry,
  clock,
  heartbeatMs: PACE.heartbeatMs,
});
const endEngine = endWorkflow(engine, callers.scratch, appLog);
const cancel = cancelJob(callers.store, endEngine);
const remove = deleteJob(callers.store, endEngine);
const running = runningAttempts();
const answer = answerJob({
  store: callers.store,
  replyUrl: signedUrls({
    containerName: JOBS_CONTAINER,
    allows: 'read',
    ttlSeconds: config.replyUrlTtlSeconds,
  }),
  retryAfter,
});
const room = roomOf({
  mostOfLane: config.queueBatchSize + config.queueNewBatchThreshold,
  fetchesUpTo: config.queueNewBatchThreshold,
  mostOnFastPath: config.fastPathConcurrency,
});
const run = runAttempt({
  store: work.store,
  uploads: work.uploads,
  registry,
  clock,
  pace: PACE,
  enterEventLoopWatch: watchEventLoop(),
  running,
});
const deliver = deliverJob({
  store: work.store,
  runAttempt: run,
  workflows: handOver({ store: work.store, engine, registry, clock, settle }),
});

app.setup({
  enableHttpStream: true,
  // The host then leaves the log's lines to the app, which sends them as part of the job's trace.
  ...(telemetry && { capabilities: { WorkerOpenTelemetryEnabled: true } }),
});
if (telemetry !== undefined) {
  traceBy(telemetry.tracer);
  listenToLogs(telemetry.listener);
  app.hook.log(({ level, message }) => telemetry.write(level, message));
}
const connectionOf = pairConnections();
app.hook.preInvocation(({ invocationContext }) => engine.learn(invocationContext));
app.hook.appStart(() => {
  // Not awaited: a start without storage serves what it can, and the first request tries again.
  prepared().catch((error: unknown) => logs.storageNotReady(appLog, error));
});
app.hook.appTerminate(async () => {
  const beganMs = performance.now();
  room.close();
  const handedBack = await running.handBackAll(HAND_BACK_WITHIN_MS);
  if (handedBack.asked > 0) logs.attemptsHandedBack(appLog, handedBack);
  await telemetry?.flush(END_WITHIN_MS - (performance.now() - beganMs));
  // The process ends when this returns. What is late has the rest of the host's time: cut short between its write and its message,
  // a job would wait for whoever recovers it.
  await running.allLeft();
});

// The bundle is CommonJS: __dirname is where the build put it, with the pages beside it.
const pageOf = (name: string, fileRoute: string, files: readonly string[]) =>
  page(fileRoute, {
    folder: join(__dirname, 'pages', name),
    files,
    storageOrigin: new URL(callers.blobs.url).origin,
    config,
  });
const docs = pageOf('docs', routes.docsFile, ['docs.js', 'swagger-ui-bundle.js', 'swagger-ui.css']);
const demo = config.demoPage ? pageOf('demo', routes.demoFile, ['demo.js', 'demo.css']) : noPage;

registerHttpFunctions(
  httpFunctions({
    startOperation: startOperation({
      accept: acceptJob({
        store: callers.store,
        uploads: callers.uploads,
        registry,
        clock,
        backlog,
        maxRequestBytes: config.maxRequestBytes,
        uploadRetentionSeconds: uploadRetentionSeconds(registry),
      }),
      queue: callers.queue,
      registry,
      prepared,
      secret,
      fastPath: fastPathOf({
        queue: work.queue,
        registry,
        runAttempt: run,
        room,
        frontOf,
        clock,
        hiding: HIDING,
        traced: (operation, parent, work) =>
          tracing.trace({ name: `run ${operation}`, kind: 'internal', parent }, work),
        log: appLog,
      }),
      ownerOf,
      waits,
      answer,
      retryAfter,
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
    jobMonitor: jobMonitor({ ownerOf, config, read, retryAfter }),
    cancelJob: cancelOwnJob({ ownerOf, config, cancel }),
    deleteJob: deleteOwnJob({ ownerOf, remove }),
    listOperatorJobs: listOperatorJobs({ ownerOf, config, list: listJobs(callers.store) }),
    showOperatorJob: showOperatorJob({ ownerOf, config, read }),
    retryOperatorJob: retryOperatorJob({
      ownerOf,
      config,
      retry: retryJob(callers.store, registry, senderOf(callers.queue, registry)),
    }),
    cancelOperatorJob: cancelOperatorJob({ ownerOf, config, cancel }),
    deleteOperatorJob: deleteOperatorJob({ ownerOf, remove }),
    health: health(async () => {
      await callers.container.getProperties();
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
  senderOf: (trace) => senderOf(work.queue, registry, trace),
  // Most often it is this instance's own delivery that ends the job.
  deliverIn:
    (lane) =>
    (message, ...more) =>
      room.deliver(lane, () => deliver(message, ...more)).finally(() => waits.lookNow(message.job)),
  revive: revivePoisonedJob({ store: work.store }),
});
registerTimerFunctions({
  sweep: sweepJobs({
    store: work.store,
    uploads: work.uploads,
    uploadRetentionSeconds: uploadRetentionSeconds(registry),
    place: sweepBlob(work.appContainer),
    recover: recoverBy(work, queueFronts(work.queue, registry)),
    pagesPerMinute: config.sweepPagesPerMinute,
  }),
  measure: telemetry && measureQueues(work.queue, lanes, clock, laneName),
  sweepWorkflows: sweepWorkflows({ store: work.store, scratch: work.scratch, engine, clock }),
  engineInput: engine.input,
  prepared,
});
const activity = runActivity({
  store: work.store,
  uploads: work.uploads,
  scratch: work.scratch,
  registry,
  clock,
  pace: PACE,
});
registerWorkflows({
  registry,
  send: senderOf(work.queue, registry),
  runActivity: (order, ...more) => activity(order, ...more).finally(() => waits.lookNow(order.run.ref)),
  settle: (run, ...more) => settle(run, ...more).finally(() => waits.lookNow(run.ref)),
});

/** From a bundle of its own beside this one: where nothing is sent, nothing is loaded. */
function loadTelemetry(settings: NonNullable<typeof config.telemetry>): ReturnType<typeof startTelemetry> {
  const { identity } = settings;
  const bundle = require(join(__dirname, 'telemetry.cjs')) as { startTelemetry: typeof startTelemetry };
  return bundle.startTelemetry({
    settings,
    credential: identity && credentialOf({ clientId: identity.clientId, isManagedIdentity: true }),
    laneOf: (operation) => laneName(registry.get(operation)?.lane),
    waiterCount: () => waits.waiterCount,
    log: appLog,
  });
}

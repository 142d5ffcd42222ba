/**
 * One instance of the app: the real use cases on the real adapters, by way of the seam. It can be killed at any call;
 * then its calls neither resolve nor reject any more and its timers stand still, as those of a process that has died.
 */
import { EventEmitter, once } from 'node:events';
import { acceptJob } from '../../../src/jobs/accept-job.ts';
import { backlogs } from '../../../src/jobs/backlog.ts';
import { cancelJob } from '../../../src/jobs/cancel-job.ts';
import { deleteJob } from '../../../src/jobs/delete-job.ts';
import { deliverJob } from '../../../src/jobs/deliver-job.ts';
import { endWorkflow } from '../../../src/jobs/end-workflow.ts';
import { watchEventLoop } from '../../../src/jobs/event-loop-watch.ts';
import { fastPathOf, HIDING, type Hiding } from '../../../src/jobs/fast-path.ts';
import { handOver } from '../../../src/jobs/hand-over.ts';
import type { Registry, Taken } from '../../../src/jobs/ports.ts';
import { queueFronts } from '../../../src/jobs/queue-fronts.ts';
import { readJob } from '../../../src/jobs/read-job.ts';
import { recoverJob } from '../../../src/jobs/recover-job.ts';
import { retryJob } from '../../../src/jobs/retry-job.ts';
import { revivePoisonedJob } from '../../../src/jobs/revive-poisoned-job.ts';
import { roomOf } from '../../../src/jobs/room.ts';
import { runActivity } from '../../../src/jobs/run-activity.ts';
import { PACE, type Pace, runAttempt } from '../../../src/jobs/run-attempt.ts';
import { runningAttempts } from '../../../src/jobs/running-attempts.ts';
import { senderOf } from '../../../src/jobs/send-message.ts';
import { settleWorkflow } from '../../../src/jobs/settle-workflow.ts';
import { type SweepJobsDependencies, sweepJobs } from '../../../src/jobs/sweep-jobs.ts';
import { sweepWorkflows } from '../../../src/jobs/sweep-workflows.ts';
import { uploadRetentionSeconds } from '../../../src/jobs/upload.ts';
import type {
  ActivityOrder,
  RunKey,
  WorkflowEngine,
  WorkflowFailure,
} from '../../../src/jobs/workflow-ports.ts';
import type { Log } from '../../../src/logs.ts';
import { timerGroup } from './instance-timers.ts';
import type { JobStorage } from './job-storage.ts';
import { type Around, interposed, interposedWorkflow, type PortCall } from './port-call.ts';
import { standInEngine } from './stand-in-engine.ts';

/** What came of a use case, as whoever called it sees it. */
export type Outcome<T> =
  | { readonly is: 'answered'; readonly value: T }
  | { readonly is: 'refused'; readonly error: unknown }
  | { readonly is: 'killed' };

type UseCases = ReturnType<typeof useCasesOf>;

export interface Instance {
  /** The calls it has begun. */
  readonly calls: readonly PortCall[];
  readonly isKilled: boolean;
  readonly log: readonly string[];
  run<T>(task: (app: UseCases) => Promise<T>): Promise<Outcome<T>>;
  /** Resolves once a call of that step has come back; at once where one has. */
  after(step: string): Promise<void>;
  /** Resolves once none of its calls is under way. */
  idle(): Promise<void>;
  /** Resolves when the next call of that step comes back. */
  next(step: string): Promise<void>;
  /** As a crash does. */
  kill(): void;
}

export interface InstanceOptions {
  readonly registry: Registry;
  readonly pace?: Partial<Pace>;
  readonly hiding?: Partial<Hiding> | undefined;
  readonly sweep?: Partial<Pick<SweepJobsDependencies, 'pagesPerMinute' | 'pageItems'>> | undefined;
  /** Default: one that knows of no instance and takes what it is given. */
  readonly engine?: WorkflowEngine;
  /** Gets in between the app and storage. */
  readonly around?: Around;
}

const never = <T>() => new Promise<T>(() => undefined);

export function startInstance(storage: JobStorage, options: InstanceOptions): Instance {
  const { registry, pace, hiding, sweep, engine = standInEngine(), around = (_, run) => run() } = options;
  const calls: PortCall[] = [];
  const log: string[] = [];
  const returned = new EventEmitter().setMaxListeners(0);
  const returnedSteps = new Set<string>();
  const timers = timerGroup();
  const underWay = new Set<Promise<unknown>>();
  const contents = new Set<Taken['content']>();
  const killed = Promise.withResolvers<void>();
  let isKilled = false;

  const through: Around = async <T>(call: PortCall, run: () => Promise<T>): Promise<T> => {
    if (isKilled) return await never();
    calls.push(call);
    const answer = around(call, async () => {
      if (isKilled) return await never<T>();
      const running = run();
      underWay.add(running);
      running.then(noteContent, () => undefined).finally(() => underWay.delete(running));
      return await running;
    });
    try {
      return await answer;
    } finally {
      // A dead process does not learn what became of its calls.
      if (isKilled) await never();
      returnedSteps.add(call.step);
      returned.emit(call.step);
    }
  };

  function noteContent(answer: unknown): void {
    const content = (answer as Taken | undefined)?.content;
    if (content !== undefined) contents.add(content);
    if (isKilled) content?.destroy();
  }

  const record = (line: string) => void log.push(line);
  const app = useCasesOf(
    storage,
    { registry, engine, pace: { ...PACE, ...pace }, hiding: { ...HIDING, ...hiding }, sweep },
    through,
    {
      info: record,
      warn: record,
      error: record,
    },
  );

  return {
    calls,
    log,
    get isKilled() {
      return isKilled;
    },
    async run(task) {
      const outcome = timers
        .run(() => task(app))
        .then(
          (value) => ({ is: 'answered', value }) as const,
          (error: unknown) => ({ is: 'refused', error }) as const,
        );
      const first = await Promise.race([outcome, killed.promise.then(() => ({ is: 'killed' }) as const)]);
      // What was on its way to storage arrives, whoever sent it.
      if (isKilled) await Promise.allSettled(underWay);
      return isKilled ? { is: 'killed' } : first;
    },
    async after(step) {
      if (!returnedSteps.has(step)) await once(returned, step);
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    async next(step) {
      await once(returned, step);
    },
    kill() {
      isKilled = true;
      timers.stop();
      for (const content of contents) content.destroy();
      killed.resolve();
    },
  };
}

interface UseCaseOptions extends Pick<InstanceOptions, 'registry' | 'sweep'> {
  readonly pace: Pace;
  readonly hiding: Hiding;
  readonly engine: WorkflowEngine;
}

function useCasesOf(storage: JobStorage, options: UseCaseOptions, around: Around, log: Log) {
  const { registry, pace, hiding, sweep } = options;
  const store = interposed(storage.store, around);
  const uploads = interposed(storage.uploads, around);
  const { clock } = storage;
  const queue = interposed(storage.queue, around);
  const send = senderOf(queue, registry);
  const scratch = interposedWorkflow(storage.scratch, around);
  const engine = interposedWorkflow(options.engine, around);
  const settle = settleWorkflow({ store, scratch, registry, clock, heartbeatMs: pace.heartbeatMs });
  const endEngine = endWorkflow(engine, scratch, log);
  const activity = runActivity({ store, uploads, scratch, registry, clock, pace });
  const running = runningAttempts();
  const accept = acceptJob({
    store,
    uploads,
    registry,
    clock,
    backlog: backlogs(queue, registry, 0),
    maxRequestBytes: 64 * 1024 * 1024,
    uploadRetentionSeconds: uploadRetentionSeconds(registry),
  });
  const room = roomOf({ mostOfLane: 24, fetchesUpTo: 8, mostOnFastPath: 8 });
  const run = runAttempt({
    store,
    uploads,
    registry,
    clock,
    pace,
    enterEventLoopWatch: watchEventLoop(),
    running,
  });
  const deliver = deliverJob({
    store,
    workflows: handOver({ store, engine, registry, clock, settle }),
    runAttempt: run,
  });
  const frontOf = queueFronts(queue, registry);
  const fastPath = fastPathOf({
    queue,
    registry,
    runAttempt: run,
    room,
    frontOf,
    clock,
    hiding,
    traced: (_operation, _trace, work) => work(),
    log,
  });
  const revive = revivePoisonedJob({ store });
  const recover = recoverJob({ store, send, frontOf, log });
  const sweeping = sweepJobs({
    store,
    uploads,
    uploadRetentionSeconds: uploadRetentionSeconds(registry),
    place: interposed(storage.place, around),
    recover,
    pagesPerMinute: 10,
    ...sweep,
  });
  return {
    sweep: () => sweeping(log),
    sweepWorkflows: () => sweepWorkflows({ store, scratch, engine, clock })(log),
    shutDown: () => {
      room.close();
      return running.handBackAll(1700);
    },
    accept: (request: Parameters<typeof accept>[0]) => accept(request, send, log),
    /** Of a caller that waits: the attempt is over then, where it was begun here. */
    async acceptAndRun(request: Parameters<typeof accept>[0]) {
      const job = await accept(
        { ...request, beginHere: (taken) => fastPath(taken, 30, send, {}) },
        send,
        log,
      );
      await job.endsHere;
      return job;
    },
    deliver: (message: Parameters<typeof deliver>[0], dequeueCount: number) =>
      deliver(message, dequeueCount, send, log),
    revive: (message: Parameters<typeof revive>[0]) => revive(message, send, log),
    read: readJob(store, recover),
    cancel: (ref: string) => cancelJob(store, endEngine)(ref, log),
    remove: deleteJob(store, endEngine),
    runActivity: (order: ActivityOrder) => activity(order, send, log),
    settle: (run: RunKey, failure: WorkflowFailure) => settle(run, failure, send, log),
    retry: retryJob(store, registry, send),
  };
}

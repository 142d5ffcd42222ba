/**
 * The instances that work off the queue, each with a listener as the host has it (dev/host/queues/queue-listener.ts), and the
 * scale controller: target-based, as published for Storage queues. Of two decisions in a row the second counts what the first started.
 */
import { createPollingBackoff } from '../host/queues/polling-backoff.ts';
import type { Workers } from './scenario.ts';
import type { SimulatedJob, SimulatedQueue } from './simulated-job.ts';
import type { Happening, Timeline } from './timeline.ts';

/** What host.json sets, for each instance. */
export interface Concurrency {
  readonly batchSize: number;
  readonly newBatchThreshold: number;
}

export interface WorkersDependencies {
  readonly timeline: Timeline;
  readonly queue: SimulatedQueue;
  readonly concurrency: Concurrency;
  readonly maxPollingMs: number;
  /** Has it happen when a call to storage has been answered. */
  readonly callStorage: (happening: Happening) => void;
  readonly random: () => number;
  /** Runs a job's attempt and calls back when its message has been dealt with. */
  readonly run: (job: SimulatedJob, done: () => void) => void;
  /** An instance looked into the queue and found something. */
  readonly onFound: () => void;
}

export interface RunningWorkers {
  /** Instances that look into the queue, and those that still finish. */
  count(): number;
  stop(): void;
}

interface Instance {
  isStopping: boolean;
  inWork: number;
}

export function startWorkers(options: Workers, dependencies: WorkersDependencies): RunningWorkers {
  const { timeline, queue, concurrency } = dependencies;
  const instances = new Set<Instance>();
  let starting = 0;
  let isOver = false;

  const begin = () => {
    const instance: Instance = { isStopping: false, inWork: 0 };
    instances.add(instance);
    listen(instance, dependencies, () => instances.delete(instance));
  };

  function decide(): void {
    if (isOver) return;
    const wanted = Math.max(1, Math.ceil(queue.length() / concurrency.batchSize));
    const there = [...instances].filter(({ isStopping }) => !isStopping);
    const missing = Math.min(options.most, wanted) - there.length - starting;
    for (let i = 0; i < Math.min(missing, options.step); i += 1) {
      starting += 1;
      timeline.after(options.startSeconds * 1000, () => {
        starting -= 1;
        if (!isOver) begin();
      });
    }
    // How it scales in is not published: one at a time here, the one with the least in work, which finishes first.
    const spare = there.toSorted((one, other) => one.inWork - other.inWork)[0];
    if (missing < 0 && starting === 0 && spare !== undefined) spare.isStopping = true;
    timeline.after(options.decisionSeconds * 1000, decide);
  }

  for (let i = 0; i < options.atStart; i += 1) begin();
  if (options.decisionSeconds > 0) timeline.after(options.decisionSeconds * 1000, decide);
  return {
    count: () => instances.size,
    stop() {
      isOver = true;
      for (const instance of instances) instance.isStopping = true;
    },
  };
}

function listen(instance: Instance, dependencies: WorkersDependencies, ended: () => void): void {
  const { timeline, queue, concurrency, callStorage, run, onFound } = dependencies;
  const nextDelay = createPollingBackoff(dependencies.maxPollingMs, dependencies.random);
  let hasFound = true;
  let isWaitingForRoom = false;

  const look = () => {
    if (instance.isStopping) {
      if (instance.inWork === 0) ended();
      return;
    }
    callStorage(() => {
      const jobs = queue.take(concurrency.batchSize);
      if (jobs.length > 0) onFound();
      for (const job of jobs) {
        instance.inWork += 1;
        run(job, done);
      }
      const pauseMs = jobs.length === 0 ? nextDelay(hasFound) : 0;
      hasFound = jobs.length > 0;
      timeline.after(pauseMs, lookWhereThereIsRoom);
    });
  };
  const lookWhereThereIsRoom = () => {
    isWaitingForRoom = instance.inWork > concurrency.newBatchThreshold;
    if (!isWaitingForRoom) look();
  };
  const done = () => {
    instance.inWork -= 1;
    if (isWaitingForRoom) lookWhereThereIsRoom();
    else if (instance.isStopping && instance.inWork === 0) ended();
  };
  look();
}

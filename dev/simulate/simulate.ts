/** Plays a scenario: jobs come, wait in the queue, are worked off by instances that come and go, and are asked for. */
import hostJson from '../../host.json' with { type: 'json' };
import { backlogs } from '../../src/jobs/backlog.ts';
import type { Registry } from '../../src/jobs/ports.ts';
import { type Random, randomFrom } from '../chaos/random.ts';
import { arrivalTimesMs } from './arrivals.ts';
import { attempts } from './attempts.ts';
import { callers } from './callers.ts';
import { frontDesk } from './front.ts';
import type { Latency, Measures, Sample } from './measures.ts';
import type { Scenario, Work } from './scenario.ts';
import { simulatedQueue } from './simulated-job.ts';
import { type Happening, timeline as newTimeline } from './timeline.ts';
import { type Concurrency, startWorkers } from './workers.ts';

const SAMPLES = 240;
/** Every operation is in the common lane. */
const registry: Registry = new Map();

/** The same scenario gives the same figures. `concurrency`: as host.json has it, unless said otherwise. */
export async function simulate(
  scenario: Scenario,
  concurrency: Concurrency = hostJson.extensions.queues,
): Promise<Measures> {
  const { front, storageMs, work, maxBacklog, maxPollingMs } = scenario;
  const random = randomFrom(scenario.seed);
  const timeline = newTimeline();
  const queue = simulatedQueue(timeline);
  const latencies: Latency[] = [];
  const samples: Sample[] = [];
  const counted = { polls: 0, refusals: 0, calls: 0 };
  const onCalls = (count: number) => {
    counted.calls += count;
  };

  const desk = frontDesk(timeline, front.instances, front.awayMs);
  const callStorage = (happening: Happening) =>
    scenario.workers.isOnFront
      ? desk.answer(front.pollMs / 2, happening)
      : timeline.after(storageMs, happening);
  const runAttempt = attempts({ timeline, queue, random, work, callStorage, onCalls });
  const workers = startWorkers(scenario.workers, {
    timeline,
    queue,
    concurrency,
    maxPollingMs,
    callStorage,
    random: () => random.next(),
    run: runAttempt,
    onFound: () => onCalls(1),
  });
  const times = arrivalTimesMs(scenario.arrivals, scenario.seconds, random);
  const call = callers(scenario, {
    timeline,
    front: desk,
    queue,
    backlog: backlogs({ count: async () => queue.length() }, registry, maxBacklog, () => timeline.now()),
    runAttempt,
    concurrency: concurrency.batchSize + concurrency.newBatchThreshold,
    onPoll: () => {
      counted.polls += 1;
    },
    onRefusal: () => {
      counted.refusals += 1;
    },
    onCalls,
    onHeard(triedMs, acceptedMs) {
      const now = timeline.now();
      latencies.push({
        acceptedSeconds: acceptedMs / 1000,
        seconds: (now - acceptedMs) / 1000,
        triedSeconds: (now - triedMs) / 1000,
      });
      if (latencies.length === times.length) workers.stop();
    },
  });
  for (const atMs of times) {
    const workSeconds = workSecondsOf(work, random);
    timeline.after(atMs, () => call(workSeconds));
  }

  const everySeconds = scenario.seconds / SAMPLES;
  let before = { polls: 0, refusals: 0 };
  const sample = () => {
    samples.push({
      atSeconds: timeline.now() / 1000,
      backlog: queue.length(),
      instances: workers.count(),
      polls: (counted.polls - before.polls) / everySeconds,
      refusals: (counted.refusals - before.refusals) / everySeconds,
    });
    before = { ...counted };
    if (latencies.length < times.length) timeline.after(everySeconds * 1000, sample);
  };
  sample();
  await timeline.run();
  return { jobs: times.length, samples, latencies, ...counted };
}

/** Log-normal: most jobs take about as long, a few much longer. */
function workSecondsOf({ medianSeconds, spread }: Work, random: Random): number {
  if (spread === 0) return medianSeconds;
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return medianSeconds * Math.exp(spread * normal);
}

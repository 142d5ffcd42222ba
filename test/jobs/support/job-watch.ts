/**
 * Looks at one job whenever something may have changed it, as a client polling between any two calls would, and notes
 * whatever contradicts the rules of docs/design.md, section 2.
 */
import { isFinished, type Job } from '../../../src/jobs/job.ts';
import type { JobStorage } from './job-storage.ts';
import type { Around } from './port-call.ts';
import type { Content } from './work.ts';

export interface JobWatch {
  readonly violations: readonly string[];
  /** One Get Blob Properties, after all that were asked for before. */
  observe(): Promise<void>;
  /** The same interposition, observed after each call: as if somebody polled between any two. */
  after(around: Around): Around;
  /** The job as it is in the end, its content compared byte by byte. */
  finalJob(): Promise<Job | undefined>;
}

export interface Expected {
  readonly ref: string;
  readonly request: Content;
  replyOf(attempt: number): Content;
  /** An operator's retry takes a failed job back, once. */
  readonly reopens: boolean;
}

export function watchJob(storage: JobStorage, { ref, request, replyOf, reopens }: Expected): JobWatch {
  const violations: string[] = [];
  let before: Job | undefined;
  let mayReopen = reopens;
  let wasDeleted = false;
  let tail: Promise<void> = Promise.resolve();

  function expect(holds: boolean, rule: string): void {
    if (!holds) violations.push(rule);
  }

  function expectedContent(job: Job): Content {
    return job.state === 'Succeeded' ? replyOf(job.attempt) : request;
  }

  function judge(job: Job | undefined): void {
    if (job === undefined) {
      wasDeleted ||= before !== undefined;
      return;
    }
    expect(!wasDeleted, 'a deleted job is back');
    const { contentType, content } = expectedContent(job);
    expect(
      job.contentType === contentType && job.sizeBytes === content.length,
      `${job.state} is visible with the content of another state (${job.contentType}, ${job.sizeBytes} bytes)`,
    );
    expect(job.attempt <= job.limit, `attempt ${job.attempt} is beyond the limit of ${job.limit}`);
    if (before === undefined) return;
    expect(job.attempt >= before.attempt, `attempt ${before.attempt} became attempt ${job.attempt}`);
    if (!isFinished(before) || before.etag === job.etag) return;
    const isReopened = mayReopen && before.state === 'Failed' && job.state === 'Pending';
    expect(isReopened, `written after its end: ${before.state} became ${job.state}`);
    mayReopen = false;
  }

  function observe(): Promise<void> {
    tail = tail.then(async () => {
      const job = await storage.store.look(ref);
      judge(job);
      before = job;
    });
    return tail;
  }

  return {
    violations,
    observe,
    after: (around) => async (call, run) => {
      try {
        return await around(call, run);
      } finally {
        await observe();
      }
    },
    async finalJob() {
      const taken = await storage.store.take(ref);
      judge(taken?.job);
      if (taken === undefined) return undefined;
      const content = Buffer.concat(await taken.content.toArray());
      const wanted = expectedContent(taken.job).content;
      expect(content.equals(wanted), `the content of ${taken.job.state} is not what was written`);
      return taken.job;
    },
  };
}

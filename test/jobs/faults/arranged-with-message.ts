/** The state that most scenarios begin with: a job, and its message in one of the two queues. */
import { type Arrangement, arrangeJob } from '../support/arranged-job.ts';
import type { JobStorage } from '../support/job-storage.ts';

/** @param messageAttempt the attempt that the message names; default the job's */
export function arrangedWithMessage(
  queue: 'requests' | 'poison',
  arrangement: Arrangement,
  messageAttempt = arrangement.attempt ?? 1,
) {
  return async (storage: JobStorage): Promise<string> => {
    const { ref } = await arrangeJob(storage, { limit: 5, ...arrangement });
    const message = JSON.stringify({ job: ref, attempt: messageAttempt });
    await storage[queue].sendMessage(Buffer.from(message).toString('base64'));
    return ref;
  };
}

/** Diagnostic: what `delay` does, as a workflow with an activity for each step. A caller cannot tell which it called. */
import { setTimeout as wait } from 'node:timers/promises';
import { delay, delayRequest, endOf, MOST_SECONDS } from './delay.ts';
import { workflow } from './workflow.ts';

/** The attempts are the job's own, so that each failure shows: the engine repeats no activity. */
const once = { retry: { maxAttempts: 1 }, timeout: MOST_SECONDS + 60 } as const;

export const delayWorkflow = workflow({
  name: 'delay-workflow',
  summary: 'Waits and replies, step by step on the workflow engine; diagnostic.',
  accepts: { 'application/json': delayRequest },
  replies: delay.replies,
  activities: {
    read: async (_input: undefined, { request }) => (await request()).body,
    wait: {
      ...once,
      run: async ({ milliseconds }: { milliseconds: number }, { signal }) => {
        await wait(milliseconds, undefined, { signal });
      },
    },
  },
  *orchestrate({ call, progress }) {
    const request = yield* call.read(undefined);
    const { seconds, steps } = request;
    for (let step = 1; step <= steps; step++) {
      yield* call.wait({ milliseconds: (seconds * 1000) / steps });
      progress((100 * step) / steps, `step ${step} of ${steps}`);
    }
    return request;
  },
  reply: { ...once, run: async (request, { ref, attempt }) => endOf(request, ref, attempt) },
});

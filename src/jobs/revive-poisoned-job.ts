/**
 * What becomes of a message that the host moved to a poison queue: its job is decided by the blob, never by the message
 * alone. A storage outage sends messages here as well as an operation that kills its worker.
 */
import { type Log, logs } from '../logs.ts';
import { decidePoison } from './decisions.ts';
import { cancelBroken, delaySeconds, failExhausted } from './deliver-job.ts';
import { waitForNextAttempt } from './lost-attempt.ts';
import type { JobMessage, JobStore } from './ports.ts';
import type { Sender } from './send-message.ts';

export interface RevivePoisonedJobDependencies {
  readonly store: Pick<JobStore, 'look' | 'write'>;
}

export type RevivePoisonedJob = (message: JobMessage, send: Sender, log: Log) => Promise<void>;

/** Throws StorageUnavailable: the message then stays in the poison queue and comes again. */
export function revivePoisonedJob({ store }: RevivePoisonedJobDependencies): RevivePoisonedJob {
  return async function revive(message, send, log) {
    const { job: ref } = message;
    for (;;) {
      const job = await store.look(ref);
      const action = decidePoison({ job, messageAttempt: message.attempt, dequeueCount: 1 });
      logs.poisonDecided(log, { ref, act: action.act });
      if (job === undefined || action.act === 'return') return;
      if (action.act === 'put-message') {
        await send(job, job.attempt, delaySeconds(job, action.after));
        return;
      }
      if (action.act === 'cancel') {
        if (await cancelBroken(store, job, log)) return;
      } else if (action.act === 'fail') {
        if (await failExhausted(store, job, log)) return;
      } else if (await waitForNextAttempt(store, job, send, log)) return;
    }
  };
}

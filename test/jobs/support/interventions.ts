/** What a test lets happen at a call: somebody else acts just before it, its answer is lost, it is sent twice. */
import { StorageUnavailable } from '../../../src/jobs/errors.ts';
import type { Around } from './port-call.ts';

/** Somebody else acts once this call is on its way and before it reaches storage. The first call of the step only. */
export function before(step: string, act: () => Promise<unknown>): Around {
  let isDone = false;
  return async (call, run) => {
    if (call.step === step && !isDone) {
      isDone = true;
      await act();
    }
    return await run();
  };
}

/** From the first call of the step on, no call leaves the instance until `meanwhile` has happened: it is paused. */
export function pausedAt(step: string, meanwhile: () => Promise<unknown>): Around {
  let pause: Promise<unknown> | undefined;
  return async (call, run) => {
    if (call.step === step) pause ??= meanwhile();
    await pause;
    return await run();
  };
}

/** The call takes effect, its answer is lost and the SDK makes it again: the caller sees the second answer. */
export function sentTwice(step: string): Around {
  let isDone = false;
  return async (call, run) => {
    if (call.step === step && !isDone) {
      isDone = true;
      await run();
    }
    return await run();
  };
}

/** The call takes effect and nobody learns of it. */
export function answerLost(step: string): Around {
  let isDone = false;
  return async (call, run) => {
    if (call.step !== step || isDone) return await run();
    isDone = true;
    await run();
    throw new StorageUnavailable(call.storageCall);
  };
}

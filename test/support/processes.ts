/** Processes that tests start are told to the run, which fails when one of them outlives all tests. */
import { expect } from '@jest/globals';
import { askTestRun } from './ask-test-run.ts';
import type { TrackedProcess } from './test-run.ts';

/** @param what names the process to whoever reads that it was left behind. */
export async function trackProcess(pid: number, what: string): Promise<void> {
  const testFile = expect.getState().testPath ?? 'an unknown file';
  await askTestRun('/processes', { pid, what, testFile } satisfies TrackedProcess);
}

/** jest runs this once, before any test file. */
import { startTestRun, type TestRun } from './test-run.ts';

declare global {
  /** Handed to global-teardown.ts, which jest loads apart from this file. */
  var testRun: TestRun;
}

export default async function setUp(): Promise<void> {
  globalThis.testRun = await startTestRun();
}

/** jest runs this once, after the last test file; what it throws fails the run. */
export default async function tearDown(): Promise<void> {
  await globalThis.testRun.stop();
}

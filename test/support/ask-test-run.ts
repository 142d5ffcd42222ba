/** How a test file, in whichever worker, asks what test-run.ts keeps for the whole run. */
import { URL_VARIABLE } from './test-run.ts';

/** @throws {Error} with what the run answered when it could not. */
export async function askTestRun(
  path: '/accounts' | '/identity' | '/processes',
  body: unknown = null,
): Promise<unknown> {
  const response = await fetch(`${process.env[URL_VARIABLE]}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    // Kept open, the connection would outlive the test file.
    headers: { connection: 'close' },
  });
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

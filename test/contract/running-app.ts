/**
 * The app that the black-box files of this folder talk to: the one at FUNCTION_APP_URL (with FUNCTION_APP_KEY, and
 * DIAGNOSTIC_OPERATIONS=true among its settings), else one on a local host that the file starts.
 */
import { afterAll, beforeAll } from '@jest/globals';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import type { AppUnderTest } from './app-under-test.ts';

/** One app for all tests of a file. */
export function useRunningApp(): () => AppUnderTest {
  const { FUNCTION_APP_URL, FUNCTION_APP_KEY } = process.env;
  let running: AppUnderTest | undefined;
  let started: FunctionApp | undefined;
  beforeAll(async () => {
    if (FUNCTION_APP_URL === undefined) running = started = await startFunctionApp();
    else running = { url: FUNCTION_APP_URL.replace(/\/+$/, ''), keyOf: () => FUNCTION_APP_KEY };
  });
  afterAll(() => started?.stop());
  return () => {
    if (running === undefined) throw new Error('The app is there from beforeAll on.');
    return running;
  };
}

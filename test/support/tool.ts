/**
 * Programs that npm does not bring (Chromium, Python, ImageMagick, .NET). Where one is missing, its tests are skipped and say so on a
 * developer's machine; in CI on Linux, where .ci/run installs them all, they fail.
 */
import { describe, test } from '@jest/globals';
import { findProgram } from '../../dev/find-program.ts';

/** A suite that needs a program, one that `willDo`. `define` gets the program's path. */
export function describeWithTool(
  name: string,
  title: string,
  define: (tool: string) => void,
  willDo?: (file: string) => boolean,
): void {
  describeWithFoundTool(name, findProgram(name, willDo), title, define);
}

/** The same for a program that is found otherwise than on PATH; undefined where it is not. */
export function describeWithFoundTool(
  name: string,
  tool: string | undefined,
  title: string,
  define: (tool: string) => void,
): void {
  if (tool !== undefined) describe(title, () => define(tool));
  else if (process.env.CI === undefined || process.platform !== 'linux')
    describe.skip(`${title} (no ${name} on this machine)`, () => define(name));
  else test(title, () => Promise.reject(new Error(`CI needs ${name}: .ci/run installs it`)));
}

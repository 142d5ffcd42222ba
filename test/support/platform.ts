/**
 * Tests of what an operating system does not have are skipped there, with the reason in their title. Linux skips none of
 * them, and CI always has a Linux.
 */
import { describe, test } from '@jest/globals';

/** `posix`: every Unix, and not Windows. `linux`: it alone, for what is read from /proc. */
export type Platform = 'posix' | 'linux';

/** A suite for some platforms. @param why the others cannot have it, in a few words */
export function describeOn(on: Platform, why: string, title: string, define: () => void): void {
  if (isOn(on)) describe(title, define);
  else describe.skip(skipped(title, why), define);
}

/** One test, likewise. */
export function testOn(
  on: Platform,
  why: string,
  title: string,
  run: () => Promise<void>,
  limitMs?: number,
): void {
  if (isOn(on)) test(title, run, limitMs);
  else test.skip(skipped(title, why), run);
}

function isOn(on: Platform): boolean {
  return on === 'linux' ? process.platform === 'linux' : process.platform !== 'win32';
}

function skipped(title: string, why: string): string {
  return `${title} (not on ${process.platform}: ${why})`;
}

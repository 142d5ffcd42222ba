/**
 * Tests of what an operating system does not have: they are skipped there, with the reason in their title. Linux skips
 * none of them, and CI always has a Linux.
 */
import { describe } from '@jest/globals';

type Suite = (title: string, define: () => void) => void;

/** A suite that wants what every Unix has and Windows has not. @param why in a word or two */
export function onPosix(why: string): Suite {
  return on(process.platform !== 'win32', why);
}

/** A suite that wants what only Linux has, such as /proc. @param why in a word or two */
export function onLinux(why: string): Suite {
  return on(process.platform === 'linux', why);
}

function on(isHere: boolean, why: string): Suite {
  if (isHere) return (title, define) => describe(title, define);
  return (title, define) => describe.skip(`${title} (not on ${process.platform}: ${why})`, define);
}

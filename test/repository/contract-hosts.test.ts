/** The contract suite's hosts: what is left out is there and says why, and the part that every run has is there for each. */
import { existsSync, globSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { contractHosts, leftOut, unwatched } from '../contract/hosts.ts';

test.each([...Object.entries(leftOut), ['authentication, unwatched,', unwatched] as const])(
  '%s leaves out files that are there, each for a reason',
  (_, files) => {
    for (const [file, reason] of Object.entries(files)) {
      expect([file, existsSync(`test/contract/${file}`)]).toEqual([file, true]);
      expect(reason).toMatch(/^\w+ .{20,}[^.]$/);
    }
  },
);

// The package's part is in test/dev/package.test.ts: it is made only once.
test.each(Object.keys(contractHosts).filter((host) => !['local', 'package'].includes(host)))(
  'every run has a part of the suite on %s',
  (host) => expect(globSync(`test/contract/on-${host}/*.test.ts`).length).toBeGreaterThan(2),
);

/** The contract suite's hosts: what is left out is there and says why, and the part that every run has is there for each. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
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

/** What nothing that stands between an app and its callers, or its storage, may break. */
const OF_EVERY_PART = ['job-status', 'operator', 'start-operation', 'streamed-reply', 'uploads'];

// The package's part is in test/dev/package.test.ts: it is made only once.
test.each(Object.keys(contractHosts).filter((host) => !['local', 'package'].includes(host)))(
  'every run has a part of the suite on %s',
  (host) => {
    const part = globSync(`test/contract/on-${host}/*.test.ts`);
    const names = part.map((file) => basename(file, '.test.ts'));
    expect(names).toEqual(expect.arrayContaining(OF_EVERY_PART));
    for (const name of names) {
      expect(readFileSync(`test/contract/on-${host}/${name}.test.ts`, 'utf8')).toContain(
        `'../${name}.test.ts'`,
      );
    }
  },
);

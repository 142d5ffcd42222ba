/** A reply that is a stream is published in the memory of a few blocks, however long it is. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import type { Ownership } from '../../src/jobs/ownership.ts';
import { publishReply } from '../../src/jobs/publish-reply.ts';

const MIB = 1024 * 1024;
const CHUNKS = 100;
/** A few blocks under way, and what the stream has just yielded. */
const MOST_HELD = 30;

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('what a stream has yielded is let go of once it is staged', async () => {
  const yielded: WeakRef<Uint8Array>[] = [];
  let held = Number.NaN;
  async function* chunks() {
    for (let count = 0; count < CHUNKS; count++) {
      const chunk = new Uint8Array(MIB);
      yielded.push(new WeakRef(chunk));
      yield chunk;
      await nextTurn();
    }
    collectGarbage();
    held = yielded.filter((chunk) => chunk.deref() !== undefined).length;
  }
  const store = { publish: async () => '', publishBlocks: async () => '', stageBlock: async () => undefined };
  const owner = {
    job: { ref: 'ref' },
    token: 'token',
    claim: async () => undefined,
    stage: (call: (lease: string) => Promise<void>) => call('lease'),
    publish: (put: (job: object, guard: object) => Promise<void>) => put({}, {}),
  } as unknown as Ownership;

  const bytes = await publishReply(
    store as unknown as Parameters<typeof publishReply>[0],
    owner,
    { stream: chunks(), contentType: 'application/octet-stream' },
    (fields) => fields,
    { signal: new AbortController().signal, beforeFinalWrite: () => undefined },
  );
  expect(bytes).toBe(CHUNKS * MIB);
  expect(held).toBeLessThan(MOST_HELD);
});

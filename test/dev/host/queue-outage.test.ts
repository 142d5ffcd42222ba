/** When a queue listener gives up storage. Its answers come from here, for Azurite is either there or not. */
import { setTimeout as delay } from 'node:timers/promises';
import { RestError } from '@azure/storage-queue';
import { expect, test } from '@jest/globals';
import { createHostLog } from '../../../dev/host/host-log.ts';
import { startQueueListener } from '../../../dev/host/queues/queue-listener.ts';

const OUTAGE_LIMIT_MS = 20;
const outOfReach = new RestError('connect ECONNREFUSED');
const busy = new RestError('Server busy', { statusCode: 503 });

/** Resolves with what it was given up for, or undefined, once storage has failed each look in its turn. */
async function givenUpFor(failures: readonly RestError[]): Promise<Error | undefined> {
  const remaining = [...failures];
  const over = Promise.withResolvers<Error | undefined>();
  const listener = startQueueListener({
    queue: {
      name: 'work',
      async receiveMessages() {
        const failure = remaining.shift();
        if (failure === undefined) {
          over.resolve(undefined);
          return await new Promise<never>(() => {});
        }
        // Two looks are further apart than an outage may last.
        await delay(OUTAGE_LIMIT_MS * 2);
        throw failure;
      },
    },
    process: async () => {},
    batchSize: 1,
    newBatchThreshold: 0,
    visibilitySeconds: 1,
    nextDelay: () => 0,
    outageLimitMs: OUTAGE_LIMIT_MS,
    onOutage: over.resolve,
    log: createHostLog({}, () => {}),
    abandoned: new AbortController().signal,
  });
  const given = await over.promise;
  if (given !== undefined) await listener.stop();
  return given;
}

test('storage out of reach for too long is given up', async () => {
  expect(await givenUpFor([outOfReach, outOfReach])).toBe(outOfReach);
});

test('storage that has answered meanwhile was in reach, an error or not', async () => {
  expect(await givenUpFor([outOfReach, busy, outOfReach])).toBeUndefined();
  expect(await givenUpFor([busy, busy, outOfReach])).toBeUndefined();
});

/** What an attempt does with its operation: its reply, its progress, its cancel, and what it costs. On Azurite. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { StorageUnavailable } from '../../src/jobs/errors.ts';
import type { Taken } from '../../src/jobs/ports.ts';
import type { Reply } from '../../src/operations/operation.ts';
import { requestOf } from './faults/accept-scenarios.ts';
import { arrangeJob, lookAt, newRef } from './support/arranged-job.ts';
import { contend, RETURNED } from './support/contest.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { longWork } from './support/long-work.ts';
import { contentOf } from './support/messages.ts';
import type { Around } from './support/port-call.ts';
import { queueHost } from './support/queue-host.ts';
import { REQUEST, registryFor, replyOf, type Work, type WorkContext, work } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

describe('the reply', () => {
  const publishedAs: [string, Reply, { contentType: string; content: string; fileName?: string }][] = [
    ['JSON', { json: { a: [1] } }, { contentType: 'application/json', content: '{"a":[1]}' }],
    [
      'JSON of another type',
      { json: 1, contentType: 'application/geo+json' },
      { contentType: 'application/geo+json', content: '1' },
    ],
    ['text', { text: 'zwölf' }, { contentType: 'text/plain; charset=utf-8', content: 'zwölf' }],
    [
      'bytes, named',
      { bytes: Buffer.from('%PDF'), contentType: 'application/pdf', fileName: 'a.pdf' },
      { contentType: 'application/pdf', content: '%PDF', fileName: 'inline; filename="a.pdf"' },
    ],
    [
      'nothing at all',
      { bytes: new Uint8Array(), contentType: 'image/png' },
      { contentType: 'image/png', content: '' },
    ],
    [
      'a stream',
      {
        stream: (async function* () {
          yield Buffer.from('ab');
          yield Buffer.from('c');
        })(),
        contentType: 'text/csv',
      },
      { contentType: 'text/csv', content: 'abc' },
    ],
  ];

  test.each(publishedAs)('%s is published as it is', async (_, reply, { contentType, content, fileName }) => {
    const job = await arrangeJob(storage);
    const instance = startInstance(storage, { registry: registryFor(() => reply) });
    await instance.run((app) => app.deliver({ job: job.ref, attempt: 1 }, 1));
    const seen = await contentOf(storage, job.ref);
    expect(seen.content).toBe(content);
    expect(seen.job).toMatchObject({ state: 'Succeeded', contentType, contentDisposition: fileName });
  });

  test('that breaks off in the middle of its stream is never seen; the job is tried again', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const broken: Work = () => ({
      contentType: 'application/json',
      stream: (async function* reply() {
        yield new Uint8Array(9 * 1024 * 1024);
        throw new Error('no more');
      })(),
    });
    expect(await deliver(start(broken))).toEqual(RETURNED);
    expect(await lookAt(storage, job.ref)).toMatchObject({ attempt: 2, waiting: true, lease: 'none' });
    expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
  });

  test('that is none, as from an operation in JavaScript, counts as a failed attempt', async () => {
    const { start, deliver, end, job } = await contend(storage);
    expect(await deliver(start(() => undefined as unknown as Reply))).toEqual(RETURNED);
    expect(await lookAt(storage, job.ref)).toMatchObject({ attempt: 2, problem: { code: 'attempt-failed' } });
    await end();
  });
});

describe('progress', () => {
  /** Reports a hundred times within half a second. */
  const busy: Work = async (context) => {
    for (let percent = 1; percent <= 100; percent++) {
      context.progress(percent, `step ${percent}`);
      await delay(5);
    }
    return await work(context);
  };

  test('is written at most once in its interval, however often it is reported', async () => {
    const { start, deliver, end } = await contend(storage);
    const writtenAtMs: number[] = [];
    const worker = start(
      busy,
      async (call, run) => {
        if (call.step === 'progress') writtenAtMs.push(performance.now());
        return await run();
      },
      { claimAfterMs: 0, progressMs: 150 },
    );
    expect(await deliver(worker)).toEqual(RETURNED);
    expect(writtenAtMs.length).toBeGreaterThanOrEqual(2);
    const gapsMs = writtenAtMs.slice(1).map((at, index) => at - (writtenAtMs[index] ?? 0));
    // A timer may fire a millisecond early.
    expect(Math.min(...gapsMs)).toBeGreaterThanOrEqual(148);
    const ended = await end();
    expect(ended).toMatchObject({ state: 'Succeeded' });
    expect(ended?.percentComplete).toBeUndefined();
  });

  test('is visible under the lease, and costs nothing before the claim', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const written = Promise.withResolvers<void>();
    const worker: Instance = start(
      async (context) => {
        context.progress(40.7, 'nearly half');
        await worker.after('progress');
        expect(await lookAt(storage, job.ref)).toMatchObject({
          percentComplete: 40,
          message: 'nearly half',
          lease: 'live',
        });
        written.resolve();
        return await work(context);
      },
      undefined,
      { claimAfterMs: 0 },
    );
    await deliver(worker);
    await written.promise;
    const short = await contend(storage);
    const unclaimed = short.start(async (context) => {
      context.progress(50);
      return await work(context);
    });
    await short.deliver(unclaimed);
    expect(unclaimed.calls.map(({ step }) => step)).toEqual(['take', 'publish']);
    await end();
  });
});

describe('the last write, while storage takes its time over it', () => {
  const slowPublish: Around = async (call, run) => {
    if (call.step === 'publish') await delay(150);
    return await run();
  };
  const stepsOf = ({ calls }: Instance) => calls.map(({ step }) => step);

  test('is not followed by a claim', async () => {
    const { start, deliver, end } = await contend(storage);
    const worker = start(work, slowPublish, { claimAfterMs: 30 });
    expect(await deliver(worker)).toEqual(RETURNED);
    expect(stepsOf(worker)).toEqual(['take', 'publish']);
    await end();
  });

  test('is not followed by progress', async () => {
    const { start, deliver, end } = await contend(storage, { attempt: 2, waiting: true });
    const worker: Instance = start(
      async (context) => {
        context.progress(10);
        await worker.after('progress');
        context.progress(20);
        return await work(context);
      },
      slowPublish,
      { progressMs: 30 },
    );
    expect(await deliver(worker)).toEqual(RETURNED);
    expect(stepsOf(worker)).toEqual(['take', 'claim', 'mark', 'progress', 'publish']);
    await end();
  });

  test('that puts a list of blocks is not followed by progress either', async () => {
    const { start, deliver, end } = await contend(storage, { isLong: true });
    const reporting = Promise.withResolvers<WorkContext['progress']>();
    const worker = start(
      (context) => {
        reporting.resolve(context.progress);
        return longWork(context);
      },
      async (call, run) => {
        if (call.step === 'publish') (await reporting.promise)(99);
        return await slowPublish(call, run);
      },
      { progressMs: 30 },
    );
    expect(await deliver(worker)).toEqual(RETURNED);
    expect(stepsOf(worker)).toEqual(['take', 'claim', 'stage', 'stage', 'publish']);
    await end();
  });
});

describe('a cancel', () => {
  test('reaches a running attempt with its next heartbeat', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const canceled = Promise.withResolvers<void>();
    let heartbeats = 0;
    let reason: unknown;
    const worker = start(
      async (context) => {
        await once(context.signal, 'abort');
        reason = context.signal.reason;
        throw reason;
      },
      async (call, run) => {
        if (call.step !== 'heartbeat') return await run();
        heartbeats += 1;
        // The first has its answer after the cancel, and those after it never.
        await (heartbeats === 1 ? canceled.promise : new Promise<never>(() => undefined));
        return await run();
      },
      { claimAfterMs: 0, heartbeatMs: 50 },
    );
    const delivery = deliver(worker);
    await worker.after('claim');
    await start().run((app) => app.cancel(job.ref));
    canceled.resolve();
    expect(await delivery).toEqual(RETURNED);
    expect(String(reason)).toContain('the attempt is over');
    expect(await storage.countMessages()).toBe(0);
    expect(await end()).toMatchObject({ state: 'Canceled' });
  });

  test('of an operation that replies all the same: its stream is closed, and nobody hears of its fault', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const closed = Promise.withResolvers<void>();
    const worker = start(
      async ({ signal }) => {
        await once(signal, 'abort');
        const late = createReadStream('no such file');
        late.once('close', closed.resolve);
        return { stream: late, contentType: 'text/csv' };
      },
      undefined,
      { claimAfterMs: 0, heartbeatMs: 20 },
    );
    const delivery = deliver(worker);
    await worker.after('claim');
    await start().run((app) => app.cancel(job.ref));
    expect(await delivery).toEqual(RETURNED);
    await closed.promise;
    expect(await end()).toMatchObject({ state: 'Canceled' });
  });

  test('of an operation that never looks at its signal: the delivery ends all the same', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const worker = start(() => new Promise<Reply>(() => undefined), undefined, {
      claimAfterMs: 0,
      heartbeatMs: 20,
    });
    const delivery = deliver(worker);
    await worker.after('claim');
    await start().run((app) => app.cancel(job.ref));
    expect(await delivery).toEqual(RETURNED);
    expect(await end()).toMatchObject({ state: 'Canceled' });
  });
});

test('a request that its operation did not read is closed with the attempt', async () => {
  const job = await arrangeJob(storage);
  let taken: Taken | undefined;
  const instance = startInstance(storage, {
    registry: registryFor(() => ({ json: 'unread' })),
    async around(call, run) {
      const answer = await run();
      if (call.step === 'take') taken = answer as Taken;
      return answer;
    },
  });
  expect(await instance.run((app) => app.deliver({ job: job.ref, attempt: 1 }, 1))).toEqual(RETURNED);
  expect(taken?.content.destroyed).toBe(true);
});

describe('storage calls', () => {
  test('of a short job, accepted and run: five with the two of the message', async () => {
    const { ref } = await arrangeJob(storage);
    await storage.store.delete(ref);
    const instance = startInstance(storage, { registry: registryFor() });
    const { content, contentType } = replyOf(1);
    await instance.run((app) =>
      app.accept({
        operation: 'work',
        ref,
        contentType: 'text/plain',
        contentLength: 11,
        query: new URLSearchParams(),
        body: (async function* () {
          yield Buffer.from('the request');
        })(),
      }),
    );
    await queueHost(storage).deliverNext(instance);
    expect(instance.calls.map(({ storageCall }) => storageCall)).toEqual([
      'Put Blob',
      'Put Message',
      'Get Blob',
      'Put Blob',
    ]);
    expect(await contentOf(storage, ref)).toMatchObject({
      content: content.toString(),
      job: { contentType },
    });
  });

  test('of a request that is refused before its first block is full: none', async () => {
    const instance = startInstance(storage, { registry: registryFor() });
    const outcome = await instance.run((app) =>
      app.accept(requestOf(newRef(), REQUEST, { contentLength: REQUEST.content.length + 1 })),
    );
    expect(outcome).toMatchObject({ is: 'refused', error: { code: 'request-incomplete' } });
    expect(instance.calls).toEqual([]);
  });

  test('that storage does not answer fail the delivery, not the attempt', async () => {
    const { start, deliver, end, job } = await contend(storage, { attempt: 5, waiting: true });
    const cutOff = start(work, async (call, run) => {
      if (call.step !== 'take') throw new StorageUnavailable(call.storageCall);
      return await run();
    });
    expect(await deliver(cutOff)).toMatchObject({ is: 'refused' });
    expect(await lookAt(storage, job.ref)).toMatchObject({ etag: job.etag, attempt: 5 });
    await end();
  });

  test('nor does a reply that could not be published', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const cutOff = start(work, async (call, run) => {
      if (call.step === 'publish') throw new StorageUnavailable(call.storageCall);
      return await run();
    });
    expect(await deliver(cutOff)).toMatchObject({ is: 'refused' });
    expect(cutOff.calls.map(({ step }) => step)).toEqual(['take', 'publish']);
    expect(await lookAt(storage, job.ref)).toMatchObject({ etag: job.etag, attempt: 1 });
    await end();
  });
});

/** Starts under an `Idempotency-Key` that meet each other, a job's end, or what one that died has left. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { StorageUnavailable } from '../../src/jobs/errors.ts';
import { fieldsOf, type Job } from '../../src/jobs/job.ts';
import { lookAt, newRef } from './support/arranged-job.ts';
import { barrier } from './support/contest.ts';
import { type Instance, type Outcome, startInstance } from './support/instance.ts';
import { before } from './support/interventions.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { contentOf, takeMessage } from './support/messages.ts';
import type { Around } from './support/port-call.ts';
import { OPERATION, registryFor } from './support/work.ts';

let storage: JobStorage;
let ref: string;
beforeAll(async () => {
  storage = await startJobStorage();
});
beforeEach(() => {
  ref = newRef();
});
afterEach(() => storage.requests.clearMessages());
afterAll(() => storage.stop());

const SECRET = Buffer.from('the secret of these tests');
const SHORT = Buffer.from('the request');
const BLOCK_BYTES = 4 * 1024 * 1024;
const LONG = Buffer.alloc(2 * BLOCK_BYTES + 7, 'long ');

const instance = (around?: Around) =>
  startInstance(storage, {
    registry: registryFor(undefined, { retention: 3600 }),
    ...(around && { around }),
  });

function startOf(by: Instance, body: () => AsyncGenerator<Uint8Array>): Promise<Outcome<Job>> {
  return by.run(({ accept }) =>
    accept({
      operation: OPERATION,
      ref,
      contentType: 'text/plain',
      contentLength: undefined,
      query: new URLSearchParams(),
      fingerprintSecret: SECRET,
      body: body(),
    }),
  );
}

/** @param ending of the body: what is to happen once its content has been sent */
function start(
  by: Instance,
  content: Buffer,
  ending: () => Promise<void> | void = () => undefined,
): Promise<Outcome<Job>> {
  return startOf(by, async function* () {
    yield content;
    await ending();
  });
}

/** One that dies once it has staged a block. */
function dying(): Instance {
  const victim: Instance = instance(async (call, run) => {
    try {
      return await run();
    } finally {
      if (call.step === 'stage') victim.kill();
    }
  });
  return victim;
}

const heard = (outcome: Outcome<Job>) => {
  if (outcome.is === 'killed') return 'nothing';
  if (outcome.is === 'answered') return '202';
  return (outcome.error as { code?: string }).code ?? outcome.error;
};
const steps = ({ calls }: Instance) => calls.map(({ step }) => step);
test('a first start costs what any start costs', async () => {
  const short = instance();
  await start(short, SHORT);
  expect(steps(short)).toEqual(['accept', 'enqueue']);
});

test('the second start puts the message again, to come once the first one has had its time', async () => {
  await start(instance(), SHORT);
  expect(await takeMessage(storage)).toEqual({ job: ref, attempt: 1 });
  const second = instance();
  expect(heard(await start(second, SHORT))).toBe('202');
  expect(steps(second)).toEqual(['accept', 'look', 'enqueue']);
  expect(await takeMessage(storage)).toBeUndefined();
  await storage.advance(11);
  expect(await takeMessage(storage)).toEqual({ job: ref, attempt: 1 });
});

test('of a job that has waited long enough the message comes at once', async () => {
  await start(instance(), SHORT);
  await storage.requests.clearMessages();
  await storage.advance(11);
  await start(instance(), SHORT);
  expect(await takeMessage(storage)).toEqual({ job: ref, attempt: 1 });
});

test('a job that has been claimed or has ended gets no message', async () => {
  await start(instance(), SHORT);
  await storage.requests.clearMessages();
  const { etag } = await lookAt(storage, ref);
  await storage.store.acquireLease(ref, '5f3c1a52-6f0e-4b7e-9d67-0d6f6a5a9f10', etag);
  expect(heard(await start(instance(), SHORT))).toBe('202');
  expect(await storage.countMessages()).toBe(0);

  await storage.store.releaseLease(ref, '5f3c1a52-6f0e-4b7e-9d67-0d6f6a5a9f10');
  await storage.store.write(
    ref,
    { ...fieldsOf(await lookAt(storage, ref)), attempt: 2, waiting: true },
    { etag },
  );
  await start(instance(), SHORT);
  expect(await storage.countMessages()).toBe(0);

  await instance().run((app) => app.deliver({ job: ref, attempt: 1 }, 1));
  const last = await start(instance(), SHORT);
  expect(last).toMatchObject({ is: 'answered', value: { state: 'Succeeded', ref } });
  expect(await storage.countMessages()).toBe(0);
});

test('two that stage blocks at once: the first to commit wins, the other gets the same job', async () => {
  const atTheEnd = barrier(2);
  const [one, two] = [instance(), instance()];
  const outcomes = await Promise.all([start(one, LONG, atTheEnd), start(two, LONG, atTheEnd)]);
  expect(outcomes.map(heard)).toEqual(['202', '202']);
  const { job, content } = await contentOf(storage, ref);
  expect(job.state).toBe('Pending');
  expect(content === LONG.toString()).toBe(true);
});

test('two that stage different requests at once: one job, not torn; the other request is refused', async () => {
  const atTheEnd = barrier(2);
  const other = Buffer.alloc(LONG.length, 'another ');
  const outcomes = await Promise.all([start(instance(), LONG, atTheEnd), start(instance(), other, atTheEnd)]);
  const [first, second] = outcomes.map(heard);
  expect([first, second].toSorted()).toEqual(['202', 'idempotency-key-reused']);
  const { content } = await contentOf(storage, ref);
  expect(content === (first === '202' ? LONG : other).toString()).toBe(true);
  expect(await storage.countMessages()).toBe(1);
});

test('one that is refused leaves the blocks of another alone', async () => {
  const { promise: wholeIsStaged, resolve: isStaged } = Promise.withResolvers<void>();
  let staged = 0;
  const counting: Around = async (call, run) => {
    const answer = await run();
    if (call.step === 'stage' && ++staged === 2) isStaged();
    return answer;
  };
  const broken = start(instance(), LONG, async () => {
    await wholeIsStaged;
    throw new Error('the client has gone');
  });
  const whole = start(instance(counting), LONG, async () => {
    await broken;
  });
  expect(heard(await broken)).toBe('request-incomplete');
  expect(heard(await whole)).toBe('202');
  expect((await contentOf(storage, ref)).content === LONG.toString()).toBe(true);
});

test('one that is refused and was alone leaves nothing', async () => {
  const outcome = await start(instance(), LONG, () => {
    throw new Error('the client has gone');
  });
  expect(heard(outcome)).toBe('request-incomplete');
  for await (const { name } of storage.container.listBlobsFlat({ includeUncommitedBlobs: true })) {
    expect(name).not.toBe(ref);
  }
});

test('blocks that a dead start has left are in nobody’s way, whatever comes next under its key', async () => {
  expect(heard(await start(dying(), LONG))).toBe('nothing');
  expect(heard(await start(instance(), SHORT))).toBe('202');
  expect((await contentOf(storage, ref)).content).toBe('the request');
  expect(heard(await start(instance(), Buffer.alloc(0)))).toBe('idempotency-key-reused');
});

test('and neither is an empty request', async () => {
  await start(dying(), LONG);
  expect(heard(await start(instance(), Buffer.alloc(0)))).toBe('202');
  expect((await contentOf(storage, ref)).content).toBe('');
});

test('an attempt that claims while a later start still stages: that start is told of the job', async () => {
  const staged = Promise.withResolvers<void>();
  const claimed = Promise.withResolvers<void>();
  const late = startOf(instance(), async function* () {
    yield LONG.subarray(0, BLOCK_BYTES + 5);
    yield LONG.subarray(BLOCK_BYTES + 5, 2 * BLOCK_BYTES + 1);
    staged.resolve();
    await claimed.promise;
    yield LONG.subarray(2 * BLOCK_BYTES + 1);
  });
  await staged.promise;
  expect(heard(await start(instance(), LONG))).toBe('202');
  const { etag } = await lookAt(storage, ref);
  await storage.store.acquireLease(ref, '5f3c1a52-6f0e-4b7e-9d67-0d6f6a5a9f11', etag);
  claimed.resolve();
  expect(heard(await late)).toBe('202');
  expect((await contentOf(storage, ref)).content === LONG.toString()).toBe(true);
});

test('a start that storage does not answer leaves a job that another start was told of', async () => {
  const unheard = instance(async (call, run) => {
    if (call.step !== 'enqueue') return await run();
    expect(heard(await start(instance(), SHORT))).toBe('202');
    throw new StorageUnavailable(call.storageCall);
  });
  expect(heard(await start(unheard, SHORT))).toMatchObject({ name: 'StorageUnavailable' });
  expect(await lookAt(storage, ref)).toMatchObject({ state: 'Pending' });
  expect(await storage.countMessages()).toBe(1);
});

test('the key of a job whose time is over is free again', async () => {
  await start(instance(), SHORT);
  await instance().run((app) => app.deliver({ job: ref, attempt: 1 }, 1));
  await storage.advance(3601);
  expect(heard(await start(instance(), Buffer.from('another request')))).toBe('202');
  expect((await contentOf(storage, ref)).content).toBe('another request');

  await instance().run((app) => app.deliver({ job: ref, attempt: 1 }, 1));
  await storage.advance(3601);
  expect(heard(await start(instance(), LONG))).toBe('202');
  expect((await contentOf(storage, ref)).content === LONG.toString()).toBe(true);
});

test('a job whose time is over makes room for one new job, however many find it', async () => {
  await start(instance(), SHORT);
  await instance().run((app) => app.deliver({ job: ref, attempt: 1 }, 1));
  await storage.advance(3601);
  let made: Job | undefined;
  const meanwhile = before('delete', async () => {
    expect(heard(await start(instance(), SHORT))).toBe('202');
    made = await lookAt(storage, ref);
  });
  expect(heard(await start(instance(meanwhile), SHORT))).toBe('202');
  expect(await lookAt(storage, ref)).toMatchObject({ state: 'Pending', etag: made?.etag });
});

test('a job that no key has started is never taken for one', async () => {
  const accepted = await instance().run(({ accept }) =>
    accept({
      operation: OPERATION,
      ref,
      contentType: 'text/plain',
      contentLength: SHORT.length,
      query: new URLSearchParams(),
      body: ReadableStream.from([SHORT]),
    }),
  );
  expect(heard(accepted)).toBe('202');
  expect(heard(await start(instance(), SHORT))).toBe('idempotency-key-reused');
});

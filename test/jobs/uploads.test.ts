/** Jobs that are started from an upload: what an attempt reads is what was there at the start, or the job fails. */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Job } from '../../src/jobs/job.ts';
import { lookAt, newRef } from './support/arranged-job.ts';
import { type Instance, type Outcome, startInstance } from './support/instance.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { contentOf, takeMessage } from './support/messages.ts';
import { OPERATION, registryFor, type Work, work } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterEach(() => storage.requests.clearMessages());
afterAll(() => storage.stop());

const UPLOAD = 'what was uploaded';

async function upload(ref: string, content: string | Buffer = UPLOAD, contentType = 'text/plain') {
  const blob = storage.uploadContainer.getBlockBlobClient(ref);
  await blob.upload(content, Buffer.byteLength(content), {
    blobHTTPHeaders: { blobContentType: contentType },
  });
}

function start(instance: Instance, uploadRef: string, ref = newRef()): Promise<Outcome<Job>> {
  return instance.run(({ accept }) =>
    accept({
      operation: OPERATION,
      ref,
      contentType: 'application/json',
      contentLength: 7,
      query: new URLSearchParams(),
      upload: uploadRef,
      body: (async function* () {
        yield Buffer.from('ignored');
      })(),
    }),
  );
}

/** A job started from an upload, and the upload's ref. */
async function started(run: Work = work, content: string | Buffer = UPLOAD) {
  const uploadRef = newRef();
  await upload(uploadRef, content);
  const instance = startInstance(storage, { registry: registryFor(run) });
  const outcome = await start(instance, uploadRef);
  if (outcome.is !== 'answered') throw new Error(`the start was not answered: ${JSON.stringify(outcome)}`);
  return { instance, uploadRef, ref: outcome.value.ref };
}

const deliver = (instance: Instance, ref: string) =>
  instance.run((app) => app.deliver({ job: ref, attempt: 1 }, 1));

const digestOf = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

test('the job keeps a document that names the upload as it was, and the attempt reads the upload', async () => {
  const { instance, ref, uploadRef } = await started();
  const { etag } = await storage.uploadContainer.getBlobClient(uploadRef).getProperties();
  const { job, content } = await contentOf(storage, ref);
  expect(job.contentType).toBe('application/vnd.request-reply.upload+json');
  expect(JSON.parse(content)).toEqual({
    upload: uploadRef,
    etag,
    contentType: 'text/plain',
    sizeBytes: UPLOAD.length,
  });
  expect(await takeMessage(storage)).toEqual({ job: ref, attempt: 1 });
  expect(await deliver(instance, ref)).toEqual({ is: 'answered', value: undefined });
  const reply = await contentOf(storage, ref);
  expect(reply.job.state).toBe('Succeeded');
  expect(JSON.parse(reply.content)).toEqual({ attempt: 1, request: digestOf(UPLOAD) });
});

test('the operation is told the size and the type of the upload', async () => {
  const seen: unknown[] = [];
  const { instance, ref } = await started((context) => {
    const { contentType, contentTypeHeader, sizeBytes } = context.request;
    seen.push({ contentType, contentTypeHeader, sizeBytes });
    return { text: 'done' };
  });
  await deliver(instance, ref);
  expect(seen).toEqual([
    { contentType: 'text/plain', contentTypeHeader: 'text/plain', sizeBytes: UPLOAD.length },
  ]);
});

test.each([
  ['written again', (ref: string) => upload(ref, 'another text')],
  ['written again with the same bytes', (ref: string) => upload(ref)],
  ['removed', async (ref: string) => void (await storage.uploadContainer.deleteBlob(ref))],
])('an upload %s since fails the job at once', async (_, change) => {
  const { instance, ref, uploadRef } = await started();
  await change(uploadRef);
  expect(await deliver(instance, ref)).toEqual({ is: 'answered', value: undefined });
  expect(await lookAt(storage, ref)).toMatchObject({
    state: 'Failed',
    attempt: 1,
    problem: { code: 'upload-changed', status: 409 },
  });
});

test('an upload written again while it is read fails the job, though the operation would have it otherwise', async () => {
  const long = Buffer.alloc(20 * 1024 * 1024, 'x');
  let uploadRef = '';
  const stubborn: Work = async ({ request, signal }) => {
    const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    let bytes = 0;
    try {
      for await (const chunk of request.body) {
        if (bytes === 0) {
          await upload(uploadRef, Buffer.alloc(20 * 1024 * 1024, 'y'));
          // As a broken connection does: what comes next must be asked for again.
          breakUploads();
        }
        bytes += chunk.length;
      }
    } catch {
      await stopped;
    }
    return { text: `${bytes} bytes` };
  };
  const instance = startInstance(storage, { registry: registryFor(stubborn), around: keepingUploads() });
  uploadRef = newRef();
  await upload(uploadRef, long);
  const outcome = await start(instance, uploadRef);
  const ref = outcome.is === 'answered' ? outcome.value.ref : '';
  await deliver(instance, ref);
  expect(await lookAt(storage, ref)).toMatchObject({
    state: 'Failed',
    problem: { code: 'upload-changed', status: 409 },
  });
});

test('a connection that breaks is taken up where it broke', async () => {
  const long = Buffer.from(Array.from({ length: 300_000 }, (_, index) => String(index)).join(' '));
  let reads = 0;
  const breaking: Work = async ({ request }) => {
    const hash = createHash('sha256');
    for await (const chunk of request.body) {
      hash.update(chunk);
      if (++reads % 5 === 1 && reads < 20) breakUploads();
    }
    return { json: hash.digest('hex') };
  };
  const uploadRef = newRef();
  await upload(uploadRef, long);
  const instance = startInstance(storage, { registry: registryFor(breaking), around: keepingUploads() });
  const outcome = await start(instance, uploadRef);
  const ref = outcome.is === 'answered' ? outcome.value.ref : '';
  await deliver(instance, ref);
  expect(JSON.parse((await contentOf(storage, ref)).content)).toBe(digestOf(long));
  expect(instance.calls.filter(({ step }) => step === 'open upload').length).toBeGreaterThan(1);
});

test('a failed job can be retried from its upload', async () => {
  const { instance, ref } = await started();
  const job = await lookAt(storage, ref);
  const problem = { code: 'out-of-order', status: 500, detail: 'arranged' };
  await storage.store.write(
    ref,
    { ...job, state: 'Failed', token: randomUUID(), problem },
    { etag: job.etag },
  );
  await storage.requests.clearMessages();
  await instance.run((app) => app.retry(ref));
  await instance.run((app) => app.deliver({ job: ref, attempt: 2 }, 1));
  expect(JSON.parse((await contentOf(storage, ref)).content)).toEqual({
    attempt: 2,
    request: digestOf(UPLOAD),
  });
});

test('an upload whose time is over is unknown, removed or not', async () => {
  const uploadRef = newRef();
  await upload(uploadRef);
  await storage.advance(8 * 86_400);
  const instance = startInstance(storage, { registry: registryFor() });
  const outcome = await start(instance, uploadRef);
  expect(outcome).toMatchObject({ is: 'refused', error: { code: 'upload-unknown' } });
  expect(await storage.countMessages()).toBe(0);
});

/** The uploads that are being read, so that a test can cut them. */
let open: { destroy(error: Error): unknown }[] = [];
const keepingUploads = (): NonNullable<Parameters<typeof startInstance>[1]['around']> => {
  open = [];
  return async (call, run) => {
    const answer = await run();
    if (call.step === 'open upload' && answer !== undefined) open.push(answer as never);
    return answer;
  };
};
function breakUploads(): void {
  for (const content of open.splice(0)) content.destroy(new Error('the connection broke'));
}

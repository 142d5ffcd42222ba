/** Files of workflows, against Azurite: written whole, whatever their length, and gone by attempt or by job. */
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import type { ScratchStore } from '../../src/jobs/workflow-ports.ts';
import { SCRATCH_CONTAINER } from '../../src/storage/names.ts';
import { scratchBlobs } from '../../src/storage/scratch-blobs.ts';
import { proxiedContainer } from './support/proxied-container.ts';

let scratch: ScratchStore;
let proxy: StorageProxy;
beforeAll(async () => {
  const made = await proxiedContainer(SCRATCH_CONTAINER);
  proxy = made.proxy;
  scratch = scratchBlobs(made.container);
});

afterAll(() => proxy.stop());

async function* chunks(count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(1_000_000, index);
}

async function contentOf(ref: string, attempt: number, name: string): Promise<Buffer | undefined> {
  const content = await scratch.read(ref, attempt, name);
  return content && (await buffer(content));
}

async function attempts(): Promise<string[]> {
  const found: string[] = [];
  for await (const { ref, attempt } of scratch.attempts()) found.push(`${ref}/${attempt}`);
  return found;
}

test.each([
  ['bytes', Buffer.from('content'), Buffer.from('content')],
  ['a short stream', chunks(1), Buffer.alloc(1_000_000, 0)],
  ['no bytes at all', chunks(0), Buffer.alloc(0)],
  [
    'a stream of several blocks',
    chunks(9),
    Buffer.concat(Array.from({ length: 9 }, (_, index) => Buffer.alloc(1_000_000, index))),
  ],
])('%s: read as written, and written over', async (name, content, expected) => {
  const file = name.replaceAll(' ', '-');
  await scratch.write('written', 1, file, Buffer.from('before'));
  await scratch.write('written', 1, file, content);
  expect((await contentOf('written', 1, file))?.equals(expected)).toBe(true);
});

test('a file that nobody wrote is not there', async () => {
  expect(await scratch.read('nobody', 1, 'file')).toBeUndefined();
});

test('an attempt goes alone, a job as a whole', async () => {
  for (const attempt of [1, 2, 12]) {
    for (const name of ['a', 'b']) await scratch.write('job', attempt, name, Buffer.from('x'));
  }
  await scratch.write('jobs', 1, 'a', Buffer.from('x'));
  await scratch.remove('job', 1);
  expect((await attempts()).filter((name) => name.startsWith('job'))).toEqual(['job/12', 'job/2', 'jobs/1']);
  await scratch.remove('job');
  expect((await attempts()).filter((name) => name.startsWith('job'))).toEqual(['jobs/1']);
  await scratch.remove('nobody');
});

test('a file whose connection breaks before anybody reads it ends its own stream, and not the process', async () => {
  await scratch.write('broken', 1, 'file', Buffer.alloc(100_000));
  const cut = proxy.intercept({ on: 'Get Blob', fault: 'half-answer', times: 100 });
  const content = await scratch.read('broken', 1, 'file');
  // Not by `once` of node:events: that would listen for the error.
  await new Promise((resolve) => content?.once('close', resolve));
  cut.remove();
  expect(content?.errored).toBeInstanceOf(Error);
});

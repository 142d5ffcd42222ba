/** Files of workflows on Blob Storage: `{ref}/{attempt}/{name}` in a container of their own. */
import { randomUUID } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { BlockMemory, blocksOf, firstBlock, stageBlocks } from '../jobs/blocks.ts';
import type { ScratchStore } from '../jobs/workflow-ports.ts';
import { contentOf } from './blob-content.ts';
import { calling, callingMaybe } from './storage-errors.ts';

/** @param container the container of scratch files */
export function scratchBlobs(container: ContainerClient): ScratchStore {
  const blob = (ref: string, attempt: number, name: string) =>
    container.getBlockBlobClient(`${ref}/${attempt}/${name}`);

  return {
    async write(ref, attempt, name, content) {
      const client = blob(ref, attempt, name);
      const put = (bytes: Uint8Array) => calling('Put Blob', () => client.upload(bytes, bytes.length));
      if (content instanceof Uint8Array) {
        await put(content);
        return;
      }
      const memory = new BlockMemory();
      const { first, rest } = await firstBlock(blocksOf(content, memory));
      if (rest === undefined) {
        await put(first);
        return;
      }
      const ids = await stageBlocks(rest, memory, randomUUID(), async (id, block) => {
        await calling('Put Block', () => client.stageBlock(id, block, block.length));
      });
      await calling('Put Block List', () => client.commitBlockList(ids));
    },
    async read(ref, attempt, name) {
      const answer = await callingMaybe('Get Blob', () => blob(ref, attempt, name).download());
      return answer && contentOf(answer);
    },
    async remove(ref, attempt) {
      const prefix = attempt === undefined ? `${ref}/` : `${ref}/${attempt}/`;
      for await (const { name } of pages('List Blobs', container.listBlobsFlat({ prefix }))) {
        await callingMaybe('Delete Blob', () => container.deleteBlob(name));
      }
    },
    async *attempts() {
      let last = '';
      for await (const { name } of pages('List Blobs', container.listBlobsFlat())) {
        const [ref = '', attempt = '', file] = name.split('/');
        const key = `${ref}/${attempt}`;
        if (file === undefined || key === last) continue;
        last = key;
        yield { ref, attempt: Number(attempt) };
      }
    },
  };
}

/** Every item, page by page, with storage's errors as the domain knows them. */
async function* pages<T>(call: string, items: AsyncIterableIterator<T>): AsyncGenerator<T> {
  for (;;) {
    const next = await calling(call, () => items.next());
    if (next.done) return;
    yield next.value;
  }
}

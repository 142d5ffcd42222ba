/** An upload in blocks: what is sent, counted, repeated and continued. */
import { expect, test } from '@jest/globals';
import { createClient, type UploadProgress, type UploadState } from '../../src/client/index.ts';
import { type Asked, connectionRefused, scriptedFetch } from './scripted-fetch.ts';

const MIB = 1024 * 1024;
const data = new Blob([new Uint8Array(20 * MIB + 5).map((_, index) => index % 251)], { type: 'text/csv' });
const uploadUrl = 'https://account.blob.core.windows.net/uploads/u?sv=1&sig=a%2Bb%3D';

/** Storage and app in one: keeps the blocks, makes the blob; `refuse` says which request meets a broken connection. */
function fakeStorage(refuse: (asked: Asked, count: number) => boolean = () => false) {
  const blocks = new Map<string, Blob>();
  const puts: string[] = [];
  const blob = { bytes: undefined as Blob | undefined, contentType: null as string | null };
  const { fetch } = scriptedFetch(async (asked) => {
    if (asked.method === 'POST')
      return Response.json({ id: 'u', uploadUrl, expiresAt: '2030-01-01T00:00:00Z' }, { status: 201 });
    const url = new URL(asked.url);
    expect(url.searchParams.get('sig')).toBe('a+b=');
    const blockId = url.searchParams.get('blockid');
    puts.push(blockId ?? 'list');
    if (refuse(asked, puts.length)) throw connectionRefused;
    if (blockId !== null) blocks.set(blockId, asked.body as Blob);
    else {
      const ids = [...String(asked.body).matchAll(/<Latest>([^<]+)<\/Latest>/g)].map(([, id]) => id ?? '');
      blob.bytes = new Blob(ids.map((id) => blocks.get(id) ?? '?'));
      blob.contentType = asked.headers.get('x-ms-blob-content-type');
    }
    return new Response(null, { status: 201 });
  });
  return { client: createClient({ baseUrl: 'https://app.example', fetch }), puts, blob };
}

async function expectWhole({ bytes = new Blob([]) }: { bytes: Blob | undefined }): Promise<void> {
  const [sent, kept] = await Promise.all([data.arrayBuffer(), bytes.arrayBuffer()]);
  expect(Buffer.from(kept).equals(Buffer.from(sent))).toBe(true);
}

test('sends every byte once, in order, under the content type of the data, and counts them by block', async () => {
  const { client, puts, blob } = fakeStorage();
  const seen: UploadProgress[] = [];
  expect(await client.upload(data, { onProgress: (progress) => seen.push(progress) })).toBe('u');
  await expectWhole(blob);
  expect(blob.contentType).toBe('text/csv');
  expect(puts).toHaveLength(4);
  expect(seen.map(({ totalBytes }) => totalBytes)).toEqual([data.size, data.size, data.size]);
  expect(seen.at(-1)?.sentBytes).toBe(data.size);
  expect(seen.map(({ sentBytes }) => sentBytes)).toEqual(
    seen.map(({ sentBytes }) => sentBytes).toSorted((a, b) => a - b),
  );
});

test('an empty one makes an empty blob', async () => {
  const { client, puts, blob } = fakeStorage();
  await client.upload(new Blob([]), { contentType: 'text/csv' });
  expect(puts).toEqual(['list']);
  expect(blob.bytes?.size).toBe(0);
});

test('a broken connection costs one block, not the whole', async () => {
  const { client, puts, blob } = fakeStorage((_, count) => count === 2);
  await client.upload(data);
  await expectWhole(blob);
  expect(puts).toHaveLength(5);
});

test('what was given up is continued with the blocks that are missing', async () => {
  const last = btoa('000002');
  const { client, puts, blob } = fakeStorage(
    ({ url }) => url.includes(last) && puts.filter((id) => id === last).length === 1,
  );
  let state: UploadState | undefined;
  const keep = (progress: UploadProgress) => {
    state = JSON.parse(JSON.stringify(progress.state)) as UploadState;
  };
  const abort = new AbortController();
  const given = client.upload(data, {
    signal: abort.signal,
    onProgress(progress) {
      keep(progress);
      if (progress.state.sentBlocks.length === 2) abort.abort(new Error('enough'));
    },
  });
  await expect(given).rejects.toThrow('enough');
  expect(state?.sentBlocks.toSorted()).toEqual([0, 1]);
  expect(blob.bytes).toBeUndefined();

  puts.length = 0;
  if (state === undefined) throw new Error('There is no state.');
  await client.upload(data, { resume: state });
  await expectWhole(blob);
  expect([...new Set(puts)]).toEqual([last, 'list']);
});

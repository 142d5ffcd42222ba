/** Requests that the client puts into storage itself, in blocks, past the app. */
import { expect, test } from '@jest/globals';
import { createClient, type UploadProgress } from '../../src/client/index.ts';
import { useWatchedApp } from './watched-app.ts';

const app = useWatchedApp();
const MIB = 1024 * 1024;

function client() {
  return createClient({ baseUrl: app().url, key: app().key, uploadKey: app().uploadKey });
}

/** A CSV of about so many bytes. */
function csvOf(sizeBytes: number): { csv: Blob; rows: number } {
  const row = 'some text that is the same in every row,12345\n';
  const rows = Math.ceil(sizeBytes / row.length);
  return { csv: new Blob(['text,number\n', row.repeat(rows)], { type: 'text/csv' }), rows };
}

test('a CSV of 9 MiB goes in blocks, without key or token, and is profiled', async () => {
  const { csv, rows } = csvOf(9 * MIB);
  const seen: UploadProgress[] = [];
  const upload = await client().upload(csv, { onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ sentBytes }) => sentBytes).at(-1)).toBe(csv.size);
  const puts = app().callersAtStorage();
  expect(puts.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT']);
  expect(puts.flatMap(({ headers }) => [headers['x-functions-key'], headers.authorization])).toEqual(
    Array.from({ length: 6 }),
  );

  const job = await client().submit('csv-profile', { upload });
  await client().wait(job, { waitSeconds: 20 });
  const profile = await (await client().reply(job)).json();
  expect(profile).toMatchObject({ rows, bytes: csv.size });
});

test('one upload serves several jobs, and what was never uploaded none', async () => {
  const { csv } = csvOf(1000);
  const upload = await client().upload(csv);
  const [first, second] = await Promise.all([
    client().submit('csv-profile', { upload }),
    client().submit('csv-profile', { upload }, { params: { format: 'html' } }),
  ]);
  await Promise.all([first, second].map((job) => client().wait(job, { waitSeconds: 20 })));
  expect(first.id).not.toBe(second.id);
  const never = client().submit('csv-profile', { upload: 'AAAAAAAAAAAAAAAAAAAAAA' });
  await expect(never).rejects.toMatchObject({ status: 404, code: 'upload-unknown' });
});

/** The operation as a guest in its process: memory stays flat, progress shows, abort is prompt, others get their turn. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { profile, run } from './run-csv-profile.ts';

describe('memory', () => {
  test('stays flat while no value of a long file comes twice', async () => {
    const script = path.join('test/operations/csv-profile/profile-endless-values.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, '60'], { timeout: 120_000 });
    const { rows, earlyMB, largestMB } = JSON.parse(stdout);
    expect(rows).toBeGreaterThan(150_000);
    expect(largestMB).toBeLessThan(250);
    expect(largestMB - earlyMB).toBeLessThan(40);
  }, 150_000);
});

describe('progress', () => {
  test('shows the share of the bytes read, and ends at 100', async () => {
    const shown: number[] = [];
    const csv = `a,b\n${'1,2\n'.repeat(50_000)}`;
    await profile(csv, { progress: (percent) => shown.push(percent) });
    expect(shown.length).toBeGreaterThan(5);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(shown[0]).toBeLessThan(20);
    expect(shown.at(-1)).toBe(100);
  });

  test('never leaves 0 to 100, whatever size was announced', async () => {
    const shown: number[] = [];
    const csv = `a,b\n${'1,2\n'.repeat(5_000)}`;
    await profile(csv, { sizeBytes: 0, progress: (percent) => shown.push(percent) });
    expect(Math.max(...shown)).toBe(100);
  });
});

describe('abort', () => {
  test('ends the work while the body stands still, with the reason of the signal', async () => {
    const body = new PassThrough();
    body.write(`a,b\n${'1,2\n'.repeat(10_000)}`);
    const abort = new AbortController();
    const reason = new Error('canceled by its client');
    const work = run(body, { signal: abort.signal, progress: () => setImmediate(() => abort.abort(reason)) });
    await expect(work).rejects.toBe(reason);
    expect(body.destroyed).toBe(true);
  });

  test('ends the work in the middle of a long file', async () => {
    let sent = 0;
    const endless = Readable.from(
      (function* () {
        yield Buffer.from('a,b\n');
        for (; ; sent++) yield Buffer.from('1,2\n'.repeat(10_000));
      })(),
    );
    const abort = new AbortController();
    const work = run(endless, { signal: abort.signal, progress: () => sent > 5 && abort.abort() });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(sent).toBeLessThan(10);
  });

  test('before the start reads nothing', async () => {
    await expect(run('a\n1\n', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

test('a body that breaks off breaks the work with its own error, to be tried again', async () => {
  const body = new PassThrough();
  body.write('a,b\n1,');
  const work = run(body);
  const broken = new Error('connection reset');
  setImmediate(() => body.destroy(broken));
  await expect(work).rejects.toBe(broken);
});

test('a body that is refused is closed', async () => {
  const body = new PassThrough();
  body.write(Buffer.alloc(100_000, 0xff));
  body.on('error', () => {});
  const closed = new Promise((resolve) => body.once('close', resolve));
  await expect(run(body)).rejects.toMatchObject({ code: 'csv-not-utf-8' });
  await closed;
});

test('other work gets its turn, even where hundreds of columns change over to sketches in one row', async () => {
  const columns = 200;
  const line = (row: number) => Array.from({ length: columns }, (_, i) => row * columns + i).join(',');
  const header = Array.from({ length: columns }, (_, i) => `c${i}`).join(',');
  function* rows() {
    yield Buffer.from(`${header}\n`);
    for (let row = 0; row < 10_100; row += 100) {
      yield Buffer.from(`${Array.from({ length: 100 }, (_, i) => line(row + i)).join('\n')}\n`);
    }
  }
  let turns = 0;
  let longestMs = 0;
  let last = process.cpuUsage();
  let isDone = false;
  const tick = () => {
    // Of the processor's time: whatever else the machine does meanwhile is not the operation's.
    const { user, system } = process.cpuUsage(last);
    longestMs = Math.max(longestMs, (user + system) / 1000);
    last = process.cpuUsage();
    turns++;
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  const { columns: profiled } = await profile(Readable.from(rows()));
  isDone = true;
  expect(profiled).toHaveLength(columns);
  expect(profiled.every(({ distinctIsExact }) => !distinctIsExact)).toBe(true);
  expect(turns).toBeGreaterThan(200);
  // The change-over of all columns takes over a second; alone on its machine the longest stretch is some 20 ms.
  expect(longestMs).toBeLessThan(400);
}, 60_000);

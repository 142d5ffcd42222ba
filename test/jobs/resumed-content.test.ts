/** A connection to storage that breaks in the middle of a blob. */
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { resumedContent } from '../../src/jobs/resumed-content.ts';

const CONTENT = Buffer.from('0123456789');
const BROKEN = new Error('ECONNRESET');

/** Gives `bytes` bytes from `offset`, then breaks, or just ends. */
function content(offset: number, bytes: number, how: 'breaks' | 'ends'): Readable {
  return Readable.from(
    (async function* () {
      if (bytes > 0) yield CONTENT.subarray(offset, offset + bytes);
      if (how === 'breaks') throw BROKEN;
    })(),
    { objectMode: false },
  );
}

/** Connections that give so many bytes each; the ranges that were asked for. */
function connections(bytes: number, how: 'breaks' | 'ends') {
  const asked: { offset: number; count: number }[] = [];
  return {
    asked,
    async reopen(range: { offset: number; count: number }): Promise<Readable | undefined> {
      asked.push(range);
      return content(range.offset, Math.min(bytes, range.count), how);
    },
  };
}

async function read(
  first: Readable,
  reopen: (range: { offset: number; count: number }) => Promise<Readable | undefined>,
): Promise<string> {
  let text = '';
  for await (const chunk of resumedContent(first, { offset: 0, end: CONTENT.length }, reopen)) {
    text += Buffer.from(chunk).toString();
  }
  return text;
}

describe('is resumed where it broke', () => {
  test.each(['breaks', 'ends'] as const)('when the connection %s early', async (how) => {
    const { asked, reopen } = connections(4, how);
    expect(await read(content(0, 3, how), reopen)).toBe('0123456789');
    expect(asked).toEqual([
      { offset: 3, count: 7 },
      { offset: 7, count: 3 },
    ]);
  });

  test('however often it breaks, as long as each connection brings it further', async () => {
    const { asked, reopen } = connections(1, 'breaks');
    expect(await read(content(0, 1, 'breaks'), reopen)).toBe('0123456789');
    expect(asked).toHaveLength(9);
  });

  test('not when it breaks after the last byte', async () => {
    const { asked, reopen } = connections(4, 'ends');
    expect(await read(content(0, 10, 'breaks'), reopen)).toBe('0123456789');
    expect(asked).toEqual([]);
  });
});

describe('is given up', () => {
  test('with what broke it, when it breaks too often in a row', async () => {
    const { asked, reopen } = connections(0, 'breaks');
    await expect(read(content(0, 0, 'breaks'), reopen)).rejects.toBe(BROKEN);
    expect(asked).toHaveLength(5);
  });

  test('when it only ever ends too early', async () => {
    const { reopen } = connections(0, 'ends');
    await expect(read(content(0, 2, 'ends'), reopen)).rejects.toThrow('ended after 2 bytes');
  });

  test('when the content is no longer what it was', async () => {
    await expect(read(content(0, 2, 'breaks'), async () => undefined)).rejects.toThrow('the content is gone');
  });
});

test('a reader that stops closes the connection', async () => {
  const first = content(0, 5, 'ends');
  const chunks = resumedContent(first, { offset: 0, end: 10 }, connections(4, 'ends').reopen);
  await chunks.next();
  await chunks.return(undefined);
  expect(first.destroyed).toBe(true);
});

import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { isId, isRef, newId, ownerOf, refOf, SHARED_OWNER } from '../../src/jobs/identity.ts';

test('an id is 128 bits in 22 characters, never twice the same', () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) {
    expect(Buffer.from(id, 'base64url')).toHaveLength(16);
    expect(isId(id)).toBe(true);
  }
});

test('every bit of an id is random: as often set as not', () => {
  const count = 4000;
  const set = Array<number>(128).fill(0);
  for (const id of Array.from({ length: count }, newId)) {
    const bytes = Buffer.from(id, 'base64url');
    for (const bit of set.keys()) set[bit] = (set[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
  }
  // Ten standard deviations: chance alone never gets there.
  const spread = 5 * Math.sqrt(count);
  expect(set.filter((times) => Math.abs(times - count / 2) > spread)).toEqual([]);
});

test.each([
  ['too short', 'AAAAAAAAAAAAAAAAAAAAA'],
  ['too long', 'AAAAAAAAAAAAAAAAAAAAAAA'],
  ['other characters', 'AAAAAAAAAAAAAAAAAAAA/A'],
  ['bits that an id does not have, so that no job has two', 'AAAAAAAAAAAAAAAAAAAAAB'],
  ['a line break behind it', 'AAAAAAAAAAAAAAAAAAAAAA\n'],
  ['nothing', ''],
])('no id: %s', (_, text) => {
  expect(isId(text)).toBe(false);
});

test('a ref is the hash of owner and id, as docs/design.md, section 1, has it', () => {
  const id = newId();
  expect(refOf(SHARED_OWNER, id)).toBe(createHash('sha256').update(`shared\0${id}`).digest('base64url'));
  expect(isRef(refOf(SHARED_OWNER, id))).toBe(true);
  expect([id, '', 7, undefined, `${refOf(SHARED_OWNER, id)}\n`].map(isRef)).toEqual(Array(5).fill(false));
});

test('the same id of two owners is two jobs, however their names are cut', () => {
  const id = newId();
  const owners = [SHARED_OWNER, ownerOf('aad', 'x'), ownerOf('aadx', ''), ownerOf('google', 'x')];
  expect(new Set(owners.map((owner) => refOf(owner, id))).size).toBe(4);
});

/** The query of the operation. */
import { expect, test } from '@jest/globals';
import { params } from '../../../src/operations/image-renditions/params.ts';

test.each([
  [{}, { widths: [320, 640, 1280], formats: ['webp', 'avif'] }],
  [
    { widths: '640,320,640', formats: 'png,png' },
    { widths: [640, 320], formats: ['png'] },
  ],
  [
    { widths: ['16', '8192,32'], quality: '7' },
    { widths: [16, 8192, 32], formats: ['webp', 'avif'], quality: 7 },
  ],
])('%j asks for %j', (query, wanted) => {
  expect(params.parse(query)).toEqual(wanted);
});

test.each([
  [{ widths: '15' }],
  [{ widths: '8193' }],
  [{ widths: '' }],
  [{ widths: '320,' }],
  [{ widths: '320.5' }],
  [{ widths: '-320' }],
  [{ widths: '20,21,22,23,24,25,26,27,28,29,30' }],
  [{ widths: '20,21,22,23,24,25', formats: 'webp,avif,jpeg,png' }],
  [{ formats: 'gif' }],
  [{ formats: '' }],
  [{ formats: 'webp;avif' }],
  [{ quality: '0' }],
  [{ quality: '101' }],
  [{ quality: '80.5' }],
  [{ quality: '' }],
])('%j is refused', (query) => {
  expect(params.safeParse(query).success).toBe(false);
});

test('twenty renditions are taken', () => {
  const widths = '20,21,22,23,24,25,26,27,28,29';
  expect(params.safeParse({ widths }).success).toBe(true);
});

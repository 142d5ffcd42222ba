import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { chooseParams, parseParams } from '../../src/jobs/request-params.ts';
import { operation, stream } from '../../src/operations/operation.ts';

const toy = operation({
  name: 'toy',
  summary: 'Has parameters.',
  accepts: { 'text/csv': stream },
  params: z.object({
    width: z.coerce.number().int().max(100).default(10),
    tag: z.union([z.string(), z.array(z.string())]).optional(),
  }),
  run: () => ({ json: 1 }),
});
const bare = operation({
  name: 'bare',
  summary: 'Has none.',
  accepts: { 'text/csv': stream },
  run: () => ({ json: 1 }),
});
const query = (text: string) => new URLSearchParams(text);

test('what the schema names is kept as it was sent; a key and a dialect are not', async () => {
  expect(await chooseParams(toy, query('width=7&code=secret&reply=stream&tag=a'))).toEqual({
    width: '7',
    tag: 'a',
  });
  expect(await chooseParams(toy, query('tag=a&tag=b'))).toEqual({ tag: ['a', 'b'] });
  expect(await chooseParams(bare, query('width=7'))).toEqual({});
});

test('an attempt parses them again, defaults included', async () => {
  expect(await parseParams(toy, { width: '7' })).toEqual({ width: 7 });
  expect(await parseParams(toy, {})).toEqual({ width: 10 });
  expect(await parseParams(bare, { width: '7' })).toEqual({});
});

test.each([
  ['width=many', ['/width']],
  ['width=1000', ['/width']],
  ['width=1&width=2', ['/width']],
])('%s is refused by its name', async (text, pointers) => {
  await expect(chooseParams(toy, query(text))).rejects.toMatchObject({
    code: 'parameters-invalid',
    violations: pointers.map((pointer) => ({ pointer, detail: expect.any(String) })),
  });
});

test.each([
  ['ASCII', 'x', 2038, 2039],
  ['other letters, of six bytes each', 'ä', 339, 340],
])('they fit into metadata: %s', async (_, letter, fits, tooLong) => {
  const tagged = (length: number) => chooseParams(toy, new URLSearchParams({ tag: letter.repeat(length) }));
  await expect(tagged(fits)).resolves.toBeDefined();
  await expect(tagged(tooLong)).rejects.toMatchObject({ code: 'parameters-invalid' });
});

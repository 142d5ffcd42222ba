import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { parseJsonRequest } from '../../src/jobs/json-request.ts';

const schema = z.strictObject({
  'a/b~c': z.array(z.object({ n: z.number() })).optional(),
  name: z.string().default('none'),
});
type Nested = Nested[];
const nested: z.ZodType<Nested> = z.array(z.lazy(() => nested));
const parse = (text: string | Uint8Array) => parseJsonRequest(Buffer.from(text), schema);

test('a request is what the schema makes of it', async () => {
  expect(await parse('{"a/b~c":[{"n":1}]}')).toEqual({ 'a/b~c': [{ n: 1 }], name: 'none' });
  expect(await parse('\ufeff{}')).toEqual({ name: 'none' });
});

test.each([
  ['nothing', ''],
  ['half of it', '{"name":'],
  ['two of it', '{}{}'],
  ['bytes that are no text', Uint8Array.of(0x22, 0xff, 0x22)],
  ['UTF-16', Buffer.from('{}', 'utf16le')],
])('malformed: %s', async (_, body) => {
  await expect(parse(body)).rejects.toMatchObject({ code: 'request-malformed' });
});

test.each([
  ['{"a/b~c":[{"n":1},{"n":"2"}]}', '/a~1b~0c/1/n'],
  ['{"name":null}', '/name'],
  ['{"other":1}', ''],
  ['[]', ''],
])('invalid: %s at %j', async (body, pointer) => {
  await expect(parse(body)).rejects.toMatchObject({
    code: 'request-invalid',
    violations: [{ pointer, detail: expect.stringMatching(/\S/) }],
  });
});

test('a request of many faults is told of the first hundred, each in few words', async () => {
  const names = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`other${index}`, 1]));
  await expect(parse(JSON.stringify(names))).rejects.toMatchObject({
    violations: [{ pointer: '', detail: expect.stringMatching(/^.{300}…$/) }],
  });
  const numbers = Array.from({ length: 1000 }, () => ({ n: '' }));
  const refusal = await parse(JSON.stringify({ 'a/b~c': numbers })).catch((error: unknown) => error);
  expect(refusal).toHaveProperty('violations.length', 100);
});

test.each([
  [
    'hundreds of thousands of faults',
    parse,
    JSON.stringify({ 'a/b~c': Array.from({ length: 200_000 }, () => 1) }),
  ],
  [
    'a value nested deeper than the stack',
    (text: string) => parseJsonRequest(Buffer.from(text), nested),
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  ],
])('%s: a refusal like any other, and no fault of the app', async (_, parsed, text) => {
  await expect(parsed(text)).rejects.toMatchObject({ code: 'request-invalid', violations: [] });
});

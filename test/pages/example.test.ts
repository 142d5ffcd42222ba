import { expect, test } from '@jest/globals';
import { z } from 'zod';
import type { JsonSchema } from '../../src/pages/demo/api.ts';
import { exampleOf } from '../../src/pages/demo/example.ts';

const exampleFor = (schema: z.ZodType) => exampleOf(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);

test('prefers an example to a default, and a default to the least', () => {
  const schema = z.object({
    example: z
      .number()
      .default(1)
      .meta({ examples: [7] }),
    fallback: z.string().default('x'),
    least: z.int().min(3),
  });
  expect(exampleFor(schema)).toEqual({ example: 7, fallback: 'x', least: 3 });
});

test('leaves out what need not be there', () => {
  expect(exampleFor(z.object({ needed: z.boolean(), left: z.string().optional() }))).toEqual({
    needed: false,
  });
});

test('has something of the right type for the rest', () => {
  const schema = z.object({
    choice: z.enum(['a', 'b']),
    list: z.array(z.number()),
    inner: z.object({ text: z.string() }),
    any: z.unknown().refine((value) => value !== undefined),
  });
  const example = exampleFor(schema);
  expect(example).toMatchObject({ choice: 'a', list: [], inner: { text: '' } });
});

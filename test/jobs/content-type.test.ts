import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { acceptedAs } from '../../src/jobs/content-type.ts';
import { operation, stream } from '../../src/operations/operation.ts';

const toy = operation({
  name: 'toy',
  summary: 'Takes both.',
  accepts: { 'application/json': z.object({}), 'text/csv': stream },
  run: () => ({ json: 1 }),
});

test.each([
  ['application/json', 'application/json'],
  ['Application/JSON; charset=UTF-8', 'application/json'],
  ['application/json;charset="utf-8"', 'application/json'],
  ['application/json; profile=x', 'application/json'],
  ['text/csv; charset=windows-1252; header=present', 'text/csv'],
])('%s is taken as %s', (header, contentType) => {
  expect(acceptedAs(toy, header).contentType).toBe(contentType);
});

test.each([
  [undefined, 'names no type'],
  ['', 'names no type'],
  ['text/plain', 'not text/plain'],
  ['application/json-patch', 'not application/json-patch'],
  ['*/*', 'not */*'],
  ['constructor', 'not constructor'],
  ['application/json; charset=utf-16', 'with charset=utf-16'],
])('%j is refused, saying what would be taken', (header, why) => {
  expect(() => acceptedAs(toy, header)).toThrow(
    expect.objectContaining({
      code: 'content-type-unsupported',
      message: expect.stringContaining(why),
      accepts: ['application/json', 'text/csv'],
    }),
  );
});

test('bytes have no schema to hold to', () => {
  expect(acceptedAs(toy, 'text/csv').schema).toBeUndefined();
  expect(acceptedAs(toy, 'application/json').schema).toBeDefined();
});

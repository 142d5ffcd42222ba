import { describe, expect, test } from '@jest/globals';
import { dialectOf } from '../../src/http/dialect.ts';
import { HttpRefusal } from '../../src/http/problem.ts';

const defaults = { pendingStatus: 202, replyMode: 'redirect' } as const;
const dialect = (text: string, config: Parameters<typeof dialectOf>[1] = defaults) =>
  dialectOf(new URLSearchParams(text), config);

test('a caller that chooses nothing gets the settings, and nothing is carried', () => {
  expect(dialect('')).toEqual({ pending: 202, reply: 'redirect', query: '' });
  expect(dialect('', { pendingStatus: 404, replyMode: 'link' })).toEqual({
    pending: 404,
    reply: 'link',
    query: '',
  });
});

describe('a choice counts before the settings and is carried', () => {
  test.each(['202', '200', '404'])('pending=%s', (pending) => {
    const config = { pendingStatus: 404, replyMode: 'link' } as const;
    expect(dialect(`pending=${pending}`, config)).toEqual({
      pending: Number(pending),
      reply: 'link',
      query: `?pending=${pending}`,
    });
  });

  test.each(['redirect', 'stream', 'link'])('reply=%s', (reply) => {
    expect(dialect(`reply=${reply}`)).toEqual({ pending: 202, reply, query: `?reply=${reply}` });
  });

  test('both', () => {
    expect(dialect('reply=link&pending=404').query).toBe('?pending=404&reply=link');
  });
});

test('nothing else of the query is carried: no key, no wait, no parameter of the operation', () => {
  const { query } = dialect('code=secret&wait=5&format=html&reply=stream&clientId=x&upload=y');
  expect(query).toBe('?reply=stream');
});

test.each(['pending=', 'pending=500', 'pending=202&pending=404', 'reply=Redirect', 'reply=302'])(
  '?%s is refused',
  (text) => {
    expect(() => dialect(text)).toThrow(HttpRefusal);
  },
);

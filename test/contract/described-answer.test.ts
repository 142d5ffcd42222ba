/** That the check behind every `ask` finds what is wrong; against a document of a few lines. */
import { expect, test } from '@jest/globals';
import { checkAgainst, type ReceivedAnswer } from './described-answer.ts';

const thing = {
  type: 'object',
  properties: { name: { type: 'string' } },
  required: ['name'],
  additionalProperties: false,
};
const check = checkAgainst({
  paths: {
    '/things/{id}': {
      get: {
        responses: {
          200: {
            headers: {
              'Retry-After': { $ref: '#/components/headers/RetryAfter' },
              'X-Mood': { schema: { type: 'string' } },
            },
            content: {
              'application/json': { schema: { $ref: '#/components/schemas/Thing' } },
              'text/html': { schema: { type: 'string', format: 'binary' } },
            },
          },
          401: { content: {} },
        },
      },
    },
    '/things/best': { get: { responses: { 204: {} } } },
  },
  components: {
    headers: { RetryAfter: { required: true, schema: { type: 'integer', minimum: 1 } } },
    schemas: { Thing: thing },
  } as { headers: Record<string, object> },
});

function asked(
  path: string,
  changes: Partial<ReceivedAnswer> & { readonly more?: Record<string, string> } = {},
) {
  const { status = 200, text = '{"name":"x"}', more = {} } = changes;
  const headers = new Headers({ 'content-type': 'application/json', 'retry-after': '1', ...more });
  return () =>
    check('GET', new URL(path, 'http://app'), {
      status,
      headers: changes.headers ?? headers,
      text,
    });
}
const HTML = new Headers({ 'content-type': 'text/html; charset=utf-8', 'retry-after': '2' });

test.each([
  ['what is described', asked('/api/things/1')],
  ['an optional header', asked('/api/things/1', { more: { 'x-mood': 'good' } })],
  [
    'headers of the platform',
    asked('/api/things/1', { more: { date: 'now', 'access-control-allow-origin': '*' } }),
  ],
  ['bytes of another type', asked('/api/things/1', { text: '<p>', headers: HTML })],
  [
    'a path without parameters before one with',
    asked('/api/things/best', { status: 204, text: '', headers: new Headers() }),
  ],
  ["the host's own 401", asked('/api/things/1', { status: 401, text: '', headers: new Headers() })],
  ["the host's own 404", asked('/api/nothing', { status: 404, text: '', headers: new Headers() })],
])('lets pass %s', (_, ask) => expect(ask).not.toThrow());

test.each([
  ['an unknown status', asked('/api/things/1', { status: 202 }), 'has no GET /api/things/1 202'],
  ['an unknown path', asked('/api/nothing'), 'has no GET /api/nothing 200'],
  ['an unknown header', asked('/api/things/1', { more: { 'x-secret': '1' } }), 'has no header x-secret'],
  [
    'a missing header',
    asked('/api/things/1', { headers: new Headers({ 'content-type': 'application/json' }) }),
    'wants a header retry-after',
  ],
  [
    'a header against its schema',
    asked('/api/things/1', { more: { 'retry-after': 'soon' } }),
    'must be integer',
  ],
  [
    'another content type',
    asked('/api/things/1', { more: { 'content-type': 'text/plain' } }),
    'has no content text/plain',
  ],
  ['a body against its schema', asked('/api/things/1', { text: '{"name":1}' }), 'must be string'],
  [
    'a property too many',
    asked('/api/things/1', { text: '{"name":"x","id":"secret"}' }),
    'additional properties',
  ],
])('refuses %s', (_, ask, message) => expect(ask).toThrow(message));

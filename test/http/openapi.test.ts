import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { type HttpHandlers, httpFunctions } from '../../src/functions/http-functions.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import { problems, problemType } from '../../src/http/problem.ts';
import { showOpenApi } from '../../src/http/show-openapi.ts';
import { registryOf } from '../../src/jobs/registry.ts';
import * as diagnosticOperations from '../../src/operations/diagnostic.ts';
import * as operations from '../../src/operations/index.ts';
import { operation, stream } from '../../src/operations/operation.ts';
import { requestOf } from './requests.ts';

const toy = operation({
  name: 'toy-work',
  summary: 'Plays.',
  accepts: {
    'application/json': z.strictObject({ times: z.int().min(1).default(3) }),
    'text/plain': stream,
  },
  params: z.object({ loud: z.enum(['yes', 'no']).optional(), odd: z.string().transform(Number) }),
  replies: ['text/html'],
  run: () => ({ json: {} }),
});
const document = openApiDocument([toy]);
const { paths = {} } = document;
const start = paths['/operations/toy-work']?.post;

test('every function of the app is in it by path and method, but for the files of its pages', () => {
  const handlers = new Proxy({} as HttpHandlers, { get: () => async () => ({ status: 200, headers: {} }) });
  const served = httpFunctions(handlers)
    .filter(({ route }) => !route.endsWith('{file}'))
    .flatMap(({ methods, route }) => methods.map((method) => `${method.toLowerCase()} /${route}`));
  const described = Object.entries(paths)
    .filter(([path]) => path !== '/operations/toy-work')
    .flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
  expect(described).toEqual(expect.arrayContaining(served));
});

test('every problem of the catalogue is in it', () => {
  const text = JSON.stringify(document);
  const inIt = (code: string) => text.includes(`"${problemType(code)}"`) || text.includes(`(\`${code}\`)`);
  expect(Object.keys(problems).filter((code) => !inIt(code))).toEqual([]);
});

describe('an operation', () => {
  test("has a path of its own, with its schema as a request's, before defaults", () => {
    expect(start?.requestBody).toMatchObject({
      content: {
        'application/json': {
          schema: {
            properties: { times: { type: 'integer', minimum: 1, default: 3 } },
            additionalProperties: false,
          },
        },
        'text/plain': { schema: { format: 'binary' } },
      },
    });
    expect(start?.requestBody).not.toHaveProperty(['content', 'application/json', 'schema', 'required']);
  });

  test('has its parameters beside those of the contract', () => {
    const names = start?.parameters?.map((parameter) => ('name' in parameter ? parameter.name : parameter));
    expect(names).toEqual(['loud', 'odd', 'pending', 'reply', 'wait', 'upload', 'Prefer', 'Idempotency-Key']);
  });

  test('is accepted with the headers of the pattern, and links to what can be done with the job, as an upload does to the start', () => {
    const accepted = start?.responses?.[202];
    expect(Object.keys(accepted?.headers ?? {})).toEqual(
      expect.arrayContaining(['Location', 'Operation-Location', 'Retry-After']),
    );
    const operationIds = Object.values(paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    const links = {
      ...accepted?.links,
      ...paths['/uploads']?.post?.responses?.[201]?.links,
    };
    expect(Object.keys(links)).toEqual(['status', 'monitor', 'cancel', 'delete', 'startToyWork']);
    for (const link of Object.values(links)) {
      expect(operationIds).toContain((link as { operationId: string }).operationId);
    }
  });

  test('adds its replies to those of the status endpoint', () => {
    expect(paths['/jobs/{id}']?.get?.responses?.[200]?.content).toHaveProperty('text/html');
  });
});

test('operation ids are unique', () => {
  const ids = Object.values(
    openApiDocument(Object.values({ ...operations, ...diagnosticOperations })).paths ?? {},
  ).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
  expect(new Set(ids).size).toBe(ids.length);
});

test('servers is the base of every other URL that the app makes', async () => {
  const show = showOpenApi({
    registry: registryOf([toy], undefined),
    config: {
      publicBaseUrl: 'https://api.example/v1',
      hostUrl: undefined,
      trustForwardedHeaders: false,
      routePrefix: 'api',
    },
  });
  const { body } = await show(requestOf('/api/openapi.json'), {} as Parameters<typeof show>[1]);
  expect(JSON.parse(String(body)).servers).toEqual([{ url: 'https://api.example/v1/api' }]);
});

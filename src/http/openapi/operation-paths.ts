/** `/operations`: each operation of the registry by a path of its own, so that its request is described exactly. */
import * as z from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { type Operation, stream } from '../../operations/operation.ts';
import { catalogueEntrySchema, catalogueSchema } from '../documents.ts';
import type { ProblemCode } from '../problem.ts';
import { pathOf, routes } from '../route.ts';
import {
  bytesContent,
  emptyAnswer,
  failedJobAnswers,
  jsonAnswer,
  problemAnswers,
  statusAnswer,
  withHeaders,
} from './answers.ts';
import { jobLinks } from './job-paths.ts';
import { anybody, dialectParameters, keyed, preferHeader, waitParameter } from './requests.ts';
import { streamedAnswer } from './streamed-answer.ts';

const tags = ['Operations'];

export function operationPaths(operations: readonly Operation[]): ZodOpenApiPathsObject {
  return {
    [`/${routes.operations}`]: {
      get: {
        operationId: 'listOperations',
        tags,
        summary: 'What the app offers',
        security: anybody,
        responses: { 200: jsonAnswer('The catalogue', catalogueSchema), ...problemAnswers() },
      },
    },
    ...Object.fromEntries(
      operations.map((operation) => [
        `/${pathOf(routes.operation, { operation: operation.name })}`,
        {
          get: {
            operationId: `describe${inPascalCase(operation.name)}`,
            tags,
            summary: `The catalogue entry of ${operation.name}`,
            security: anybody,
            responses: { 200: jsonAnswer('The entry', catalogueEntrySchema), ...problemAnswers() },
          },
          post: startOf(operation),
        },
      ]),
    ),
    [`/${routes.operation}`]: {
      get: {
        operationId: 'describeOperation',
        tags,
        summary: 'An operation that this document does not name',
        security: anybody,
        requestParams: { path: z.object({ operation: z.string() }) },
        responses: problemAnswers('operation-unknown'),
      },
      post: {
        operationId: 'startOperation',
        tags,
        summary: 'Start of an operation that this document does not name',
        security: keyed,
        requestParams: { path: z.object({ operation: z.string() }) },
        responses: problemAnswers('operation-unknown', 'query-invalid', 'unauthenticated'),
      },
    },
  };
}

/** The operation id of a start. @param name of the operation started */
export const startId = (name: string) => `start${inPascalCase(name)}`;

const inPascalCase = (name: string) => name.replaceAll(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());

/** How a start can be refused. */
const REFUSALS: readonly ProblemCode[] = [
  'unauthenticated',
  'query-invalid',
  'content-type-unsupported',
  'content-encoding-unsupported',
  'request-too-large',
  'request-incomplete',
  'idempotency-key-malformed',
  'idempotency-key-reused',
  'upload-unknown',
  'upload-changed',
  'backlog-full',
];

function startOf(operation: Operation): ZodOpenApiOperationObject {
  const isJsonTaken = Object.values(operation.accepts).some((schema) => schema !== stream);
  const refusals = [
    ...REFUSALS,
    ...(isJsonTaken ? (['request-malformed', 'request-invalid'] as const) : []),
    ...(operation.params ? (['parameters-invalid'] as const) : []),
  ];
  return {
    operationId: startId(operation.name),
    tags,
    summary: operation.summary,
    description:
      'Accepted at once and done behind a queue: the status endpoint in `Location` leads to the reply.',
    security: keyed,
    requestParams: {
      query: z.object({
        ...operation.params?.shape,
        ...dialectParameters,
        wait: waitParameter,
        upload: z
          .string()
          .optional()
          .describe('The request is what was uploaded under this id, not the body'),
      }),
      header: z.object({
        Prefer: preferHeader,
        'Idempotency-Key': z
          .string()
          .min(1)
          .max(257)
          .optional()
          .describe('Starts that carry the same key and the same request are one job'),
      }),
    },
    requestBody: {
      required: false,
      description: 'Needed unless `upload` is given',
      content: contentOf(operation),
    },
    responses: {
      202: statusAnswer('Accepted', {
        headers: withHeaders(['Location', 'Operation-Location', 'Retry-After']),
        links: jobLinks('$response.body#/id'),
      }),
      200: streamedAnswer(
        'With `wait`: the job has ended; its reply, or with `reply=link` the status document',
        [...operation.replies],
        ['Location', 'Operation-Location'],
      ),
      303: emptyAnswer('With `wait`: the job has ended; its reply is there', {
        headers: withHeaders(['Location', 'Operation-Location', 'Referrer-Policy'], ['Preference-Applied']),
      }),
      ...failedJobAnswers(
        [...refusals, 'job-canceled', 'job-unknown'],
        ['Location', 'Operation-Location', 'Preference-Applied'],
      ),
    },
  };
}

function contentOf({ accepts }: Operation) {
  return Object.fromEntries(
    Object.entries(accepts).map(([contentType, schema]) =>
      schema === stream ? [contentType, bytesContent([contentType])[contentType]] : [contentType, { schema }],
    ),
  );
}

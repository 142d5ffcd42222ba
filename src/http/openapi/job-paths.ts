/** `/jobs/{id}`: what a job's client can do with its id. */
import * as z from 'zod';
import type { ZodOpenApiPathsObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { routes } from '../route.ts';
import {
  type Answers,
  bytesContent,
  emptyAnswer,
  failedJobAnswers,
  problemAnswers,
  statusAnswer,
  withHeaders,
} from './answers.ts';
import { byCapability, dialectParameters, idParameter, preferHeader, waitParameter } from './requests.ts';
import { streamedAnswer } from './streamed-answer.ts';

const tags = ['Jobs'];

/** @param id where an answer says the id, as a runtime expression */
export function jobLinks(id: string): NonNullable<ZodOpenApiResponseObject['links']> {
  const to = (operationId: string, description: string) => ({ operationId, description, parameters: { id } });
  return {
    status: to('getJob', 'The status endpoint, which is `Location`'),
    monitor: to('getJobStatus', 'The status monitor, which is `Operation-Location`'),
    cancel: to('cancelJob', 'Stops the job'),
    delete: to('deleteJob', 'Removes the job and its reply'),
  };
}

/** @param replies content types of the replies of every operation */
export function jobPaths(replies: readonly string[]): ZodOpenApiPathsObject {
  const answers = statusEndpointAnswers(replies);
  const header = z.object({ Prefer: preferHeader });
  const requestParams = {
    path: idParameter,
    query: z.object({ ...dialectParameters, wait: waitParameter }),
    header,
  };
  return {
    [`/${routes.job}`]: {
      get: {
        operationId: 'getJob',
        tags,
        summary: 'The status endpoint: polled until the reply is there',
        security: byCapability,
        requestParams: {
          ...requestParams,
          header: header.extend({
            Range: z.string().optional().describe('One range of bytes, with `reply=stream`'),
            'If-Range': z.string().optional().describe('The `ETag` that the range is meant of'),
          }),
        },
        responses: answers,
      },
      head: {
        operationId: 'headJob',
        tags,
        summary: 'The same, without a body',
        security: byCapability,
        requestParams,
        responses: toHead(answers),
      },
      delete: {
        operationId: 'deleteJob',
        tags,
        summary: 'Removes a job and its reply; cancels it first if it is pending',
        security: byCapability,
        requestParams: { path: idParameter },
        responses: {
          204: emptyAnswer('Removed'),
          ...problemAnswers('job-unknown', 'unauthenticated', 'job-newer'),
        },
      },
    },
    [`/${routes.jobMonitor}`]: {
      get: {
        operationId: 'getJobStatus',
        tags,
        summary: 'The status monitor, for `Operation-Location` pollers',
        security: byCapability,
        requestParams: { path: idParameter },
        responses: {
          200: statusAnswer('Of every job that exists', { headers: withHeaders([], ['Retry-After']) }),
          ...problemAnswers('job-unknown', 'unauthenticated'),
        },
      },
    },
    [`/${routes.jobCancel}`]: {
      post: {
        operationId: 'cancelJob',
        tags,
        summary: 'Stops a job; its reply can no longer be published',
        security: byCapability,
        requestParams: { path: idParameter },
        responses: {
          200: statusAnswer('Canceled, now or before'),
          ...problemAnswers('job-unknown', 'job-finished', 'unauthenticated', 'job-newer'),
        },
      },
    },
  };
}

function statusEndpointAnswers(replies: readonly string[]): Answers {
  const part = withHeaders([
    'ETag',
    'Accept-Ranges',
    'Content-Range',
    'Content-Disposition',
    'X-Content-Type-Options',
    'Content-Security-Policy',
  ]);
  return {
    202: statusAnswer('Pending', {
      headers: withHeaders(['Location', 'Retry-After']),
      links: jobLinks('$response.body#/id'),
    }),
    200: streamedAnswer(
      'Succeeded, with `reply=stream` the reply; with `reply=link`, or pending with `pending=200`, the status document',
      replies,
    ),
    206: {
      description: 'Succeeded, with `reply=stream` and `Range`: that part of the reply',
      headers: part,
      content: bytesContent(replies),
    },
    302: emptyAnswer('Succeeded: the reply is there, at a short-lived URL of storage', {
      headers: withHeaders(['Location', 'Referrer-Policy'], ['Preference-Applied']),
    }),
    ...failedJobAnswers(
      [
        'query-invalid',
        'unauthenticated',
        'job-unknown',
        'job-pending',
        'job-canceled',
        'range-not-satisfiable',
      ],
      ['Preference-Applied'],
    ),
  };
}

/** Neither content nor a range of it: a server ignores `Range` in a HEAD (RFC 9110, section 14.2). */
function toHead({ '206': _part, '416': _outside, ...answers }: Answers): Answers {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => {
      const { content, ...rest } = answer as ZodOpenApiResponseObject;
      return [status, rest];
    }),
  );
}

/** `/operator/jobs`: the operator's hand on any job, by ref. */
import * as z from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { JOB_STATUSES } from '../../jobs/job.ts';
import { jobListSchema } from '../documents.ts';
import type { ProblemCode } from '../problem.ts';
import { routes } from '../route.ts';
import { type Answers, emptyAnswer, jsonAnswer, problemAnswers, statusAnswer } from './answers.ts';
import { operatorKeyed, refParameter } from './requests.ts';

export function operatorPaths(): ZodOpenApiPathsObject {
  return {
    [`/${routes.operatorJobs}`]: {
      get: {
        ...operatorOperation('listOperatorJobs', "Everybody's jobs, in pages"),
        requestParams: {
          query: z.object({
            status: z.enum(JOB_STATUSES).optional(),
            operation: z.string().optional(),
            top: z.int().min(1).max(1000).default(100).describe('Jobs on a page'),
            skipToken: z.string().optional().describe('As a `nextLink` had it'),
          }),
        },
        responses: {
          200: jsonAnswer('One page', jobListSchema),
          ...problemAnswers('query-invalid', 'unauthenticated'),
        },
      },
    },
    [`/${routes.operatorJob}`]: {
      get: onJob('showOperatorJob', 'One job', { 200: statusAnswer('Without the id') }),
      delete: onJob(
        'deleteOperatorJob',
        'Removes a job and its reply; cancels it first if it is pending',
        { 204: emptyAnswer('Removed') },
        'job-newer',
      ),
    },
    [`/${routes.operatorJobRetry}`]: {
      post: onJob(
        'retryOperatorJob',
        'Runs a failed job again, with its original request',
        { 202: statusAnswer('The work begins anew') },
        'job-not-failed',
        'job-running',
        'job-newer',
      ),
    },
    [`/${routes.operatorJobCancel}`]: {
      post: onJob(
        'cancelOperatorJob',
        'Stops a job',
        { 200: statusAnswer('Canceled, now or before') },
        'job-finished',
        'job-newer',
      ),
    },
  };
}

function operatorOperation(operationId: string, summary: string) {
  return { operationId, summary, tags: ['Operator'], security: operatorKeyed };
}

function onJob(
  operationId: string,
  summary: string,
  answers: Answers,
  ...codes: ProblemCode[]
): ZodOpenApiOperationObject {
  return {
    ...operatorOperation(operationId, summary),
    requestParams: { path: refParameter },
    responses: { ...answers, ...problemAnswers('job-unknown', 'unauthenticated', ...codes) },
  };
}

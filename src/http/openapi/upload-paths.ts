/** `/uploads`: a request put into storage by its client, to start jobs with. */
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Operation } from '../../operations/operation.ts';
import { uploadDocumentSchema } from '../documents.ts';
import { routes } from '../route.ts';
import { jsonAnswer, problemAnswers } from './answers.ts';
import { startId } from './operation-paths.ts';
import { keyed } from './requests.ts';

export function uploadPaths(operations: readonly Operation[]): ZodOpenApiPathsObject {
  const starts = operations.map(({ name }) => ({
    operationId: startId(name),
    description: 'Starts a job from the upload, once it is there',
    parameters: { upload: '$response.body#/id' },
  }));
  return {
    [`/${routes.uploads}`]: {
      post: {
        operationId: 'createUpload',
        tags: ['Uploads'],
        summary: 'A place to upload a request to, straight into storage',
        security: keyed,
        responses: {
          201: jsonAnswer('Made', uploadDocumentSchema, {
            links: Object.fromEntries(starts.map((start) => [start.operationId, start])),
          }),
          ...problemAnswers('unauthenticated'),
        },
      },
    },
  };
}

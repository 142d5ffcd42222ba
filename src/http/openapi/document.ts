/** The OpenAPI document: the contract of docs/design.md, section 3, from the schemas that the app validates and types by. */
import * as z from 'zod';
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { Operation } from '../../operations/operation.ts';
import { healthSchema } from '../documents.ts';
import { routes } from '../route.ts';
import { jsonAnswer, namedSchemas, problemAnswers, withHeaders } from './answers.ts';
import { jobPaths } from './job-paths.ts';
import { operationPaths } from './operation-paths.ts';
import { operatorPaths } from './operator-paths.ts';
import { anybody, securitySchemes } from './requests.ts';
import { uploadPaths } from './upload-paths.ts';

const description = `Starts work that takes longer than a request should, and leads to its reply: \`202 Accepted\` with
\`Location\` at once, the status endpoint there to be polled, a redirect once the reply is there.

Every error that the app makes is a problem document (RFC 9457). The Functions host's own answers (\`401\` to a missing
key, \`404\` to an unknown path, \`429\`, \`500\`) have no body. Preflights (\`OPTIONS\`) are answered on every path.`;

/** The document without `servers`, which depend on the request. */
export function openApiDocument(operations: readonly Operation[]) {
  const replies = new Set(operations.flatMap((operation) => operation.replies));
  return createDocument(
    {
      openapi: '3.1.0',
      info: { title: 'Asynchronous Request-Reply', version: '1', description },
      tags: [
        { name: 'Operations', description: 'What can be started' },
        { name: 'Jobs', description: 'What was started' },
        { name: 'Uploads', description: 'Requests too large, or too far, to be sent through the app' },
        { name: 'Operator', description: 'The hand on any job' },
        { name: 'App' },
      ],
      paths: {
        ...operationPaths(operations),
        ...uploadPaths(operations),
        ...jobPaths([...replies]),
        ...operatorPaths(),
        ...appPaths(),
      },
      components: { schemas: namedSchemas, securitySchemes },
    },
    // What JSON Schema cannot say is described as anything, and still validated.
    { allowEmptySchema: { custom: true, transform: true, unknown: true, any: true } },
  );
}

function appPaths(): ZodOpenApiPathsObject {
  const inApp = (operationId: string, summary: string) => ({
    operationId,
    summary,
    tags: ['App'],
    security: anybody,
  });
  const page = (operationId: string, summary: string) => ({
    get: {
      ...inApp(operationId, summary),
      responses: {
        200: {
          description: 'The page',
          headers: withHeaders([
            'ETag',
            'Content-Security-Policy',
            'X-Content-Type-Options',
            'Referrer-Policy',
          ]),
          content: { 'text/html': {} },
        },
        ...problemAnswers('page-unknown'),
      },
    },
  });
  return {
    [`/${routes.health}`]: {
      get: {
        ...inApp('getHealth', 'Whether storage answers'),
        responses: { 200: jsonAnswer('It does', healthSchema), ...problemAnswers() },
      },
    },
    [`/${routes.openApi}`]: {
      get: {
        ...inApp('getOpenApi', 'This document'),
        responses: { 200: jsonAnswer('OpenAPI 3.1', z.looseObject({})), ...problemAnswers() },
      },
    },
    [`/${routes.docs}`]: page('getDocs', 'This document, as a page'),
    [`/${routes.demo}`]: page('getDemo', 'A page that runs jobs'),
  };
}

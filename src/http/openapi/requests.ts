/** The parts that requests in openapi.json are put together from: parameters, and who may ask. */
import * as z from 'zod';

/** How a caller wants to be answered; carried in `Location`. */
export const dialectParameters = {
  pending: z
    .enum(['202', '200', '404'])
    .optional()
    .describe('What the status endpoint answers while the job is pending'),
  reply: z
    .enum(['redirect', 'stream', 'link'])
    .optional()
    .describe(
      'What it answers once the job has succeeded: a redirect to the reply, its bytes, or the status document with `replyUrl`',
    ),
};

export const waitParameter = z
  .int()
  .min(0)
  .optional()
  .describe('Seconds that the answer may be held back, until the job has ended');

export const preferHeader = z
  .string()
  .optional()
  .meta({ description: 'RFC 7240; `wait` does as the query parameter of that name', examples: ['wait=10'] });

export const idParameter = z.object({
  id: z.string().describe('Of the job. Whoever holds it needs no key: the URL is the capability'),
});

export const refParameter = z.object({ ref: z.string().describe("The job's public name") });

export const securitySchemes = {
  functionKey: { type: 'apiKey' as const, in: 'header' as const, name: 'x-functions-key' },
  functionKeyInQuery: { type: 'apiKey' as const, in: 'query' as const, name: 'code' },
  signedIn: {
    type: 'http' as const,
    scheme: 'bearer',
    description: 'App Service authentication, where the app has it on',
  },
};

/** A function key, or a signed-in caller under App Service authentication. */
export const keyed = [{ functionKey: [] }, { functionKeyInQuery: [] }, { signedIn: [] }];
/** A function key in either case. */
export const operatorKeyed = [{ functionKey: [] }, { functionKeyInQuery: [] }];
/** No key. Under App Service authentication the caller must be signed in, and be the owner. */
export const byCapability = [{}, { signedIn: [] }];
export const anybody = [{}];

/** `200` of a succeeded job: a reply of any of its operation's types, or a status document. */
import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { statusDocumentSchema } from '../documents.ts';
import { bytesContent, type HeaderName, withHeaders } from './answers.ts';

/** Those of a status document, and those of bytes. */
const OF_SOME: readonly HeaderName[] = [
  'Location',
  'Retry-After',
  'Preference-Applied',
  'ETag',
  'Accept-Ranges',
  'Content-Disposition',
  'X-Content-Type-Options',
  'Content-Security-Policy',
];

/**
 * @param replies content types of the replies
 * @param always headers that each of these answers carries
 */
export function streamedAnswer(
  description: string,
  replies: readonly string[],
  always: readonly HeaderName[] = [],
): ZodOpenApiResponseObject {
  const isJsonReply = replies.includes('application/json');
  return {
    description,
    headers: withHeaders(
      always,
      OF_SOME.filter((name) => !always.includes(name)),
    ),
    content: {
      ...bytesContent(replies),
      // A reply in JSON has whatever shape its operation gives it.
      'application/json': { schema: isJsonReply ? {} : statusDocumentSchema },
    },
  };
}

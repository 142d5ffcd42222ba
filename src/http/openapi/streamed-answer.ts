/** `200` of a succeeded job: a reply of any of its operation's types, or a status document. */
import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { statusDocumentSchema } from '../documents.ts';
import { bytesContent, withHeaders } from './answers.ts';

/** @param replies content types of the replies */
export function streamedAnswer(description: string, replies: readonly string[]): ZodOpenApiResponseObject {
  const isJsonReply = replies.includes('application/json');
  return {
    description,
    headers: withHeaders(
      [],
      [
        'Location',
        'Retry-After',
        'Preference-Applied',
        'ETag',
        'Accept-Ranges',
        'Content-Disposition',
        'X-Content-Type-Options',
        'Content-Security-Policy',
      ],
    ),
    content: {
      ...bytesContent(replies),
      // A reply in JSON has whatever shape its operation gives it.
      'application/json': { schema: isJsonReply ? {} : statusDocumentSchema },
    },
  };
}

/** Work whose reply is two blocks, so that it is staged; every byte is the attempt's number, so a torn reply shows. */
import type { Content, Work } from './work.ts';

const REPLY_BYTES = 4 * 1024 * 1024 + 7;

export function longReplyOf(attempt: number): Content {
  return { contentType: 'application/octet-stream', content: Buffer.alloc(REPLY_BYTES, attempt) };
}

export const longWork: Work = ({ attempt }) => {
  const { contentType, content } = longReplyOf(attempt);
  return {
    contentType,
    stream: (async function* reply() {
      yield content;
    })(),
  };
};

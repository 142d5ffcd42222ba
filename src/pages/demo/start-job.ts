/** Starts a job: a file is uploaded straight to storage first, a text is posted. */
import { type Ask, Refused, urlOf } from './ask.ts';
import type { Answer } from './exchange.ts';
import type { DemoRequest } from './request-form.ts';

/** In this dialect every answer is one that a script can read: a redirect would be followed out of its sight. */
const DIALECT = { pending: '202', reply: 'link' };

/**
 * Resolves with the `202`.
 * @param onSent how much of a file has gone, from 0 to 1
 * @throws {Refused} where the app, the host or storage says no
 */
export async function startJob(
  ask: Ask,
  request: DemoRequest,
  onSent: (share: number) => void,
  signal: AbortSignal,
): Promise<Answer> {
  const { operation, contentType, content, parameters, key } = request;
  const keyed: Record<string, string> = key === '' ? {} : { 'x-functions-key': key };
  const query = new URLSearchParams([...parameters, ...Object.entries(DIALECT)]);
  const url = () => urlOf(`operations/${operation}?${query}`);

  if (typeof content === 'string') {
    const headers = { ...keyed, 'Content-Type': contentType };
    return expected(202, await ask({ method: 'POST', url: url(), headers, body: content, signal }));
  }
  const upload = await ask({ method: 'POST', url: urlOf('uploads'), headers: keyed, signal });
  const { id, uploadUrl } = JSON.parse(expected(201, upload).text) as { id: string; uploadUrl: string };
  const headers = { 'Content-Type': contentType, 'x-ms-blob-type': 'BlockBlob' };
  expected(201, await ask({ method: 'PUT', url: uploadUrl, headers, body: content, signal, onSent }));
  query.set('upload', id);
  return expected(202, await ask({ method: 'POST', url: url(), headers: keyed, signal }));
}

function expected(status: number, answer: Answer): Answer {
  if (answer.status !== status) throw new Refused(answer);
  return answer;
}

/** The request of each kind of work, made from its plan alone, and what its reply must be. */
import type { JobPlan, Work } from './schedule.ts';

export interface Request {
  readonly contentType: string;
  readonly body: Buffer;
}

export function requestOf({ index, work }: Pick<JobPlan, 'index' | 'work'>): Request {
  if (work.operation === 'csv-profile') return { contentType: 'text/csv', body: csvOf(index, work) };
  const { operation, ...asked } = work;
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(asked)) };
}

/** Names the job in its only column, so that another job's profile shows. */
function csvOf(index: number, { rows, rowBytes }: Work & { operation: 'csv-profile' }): Buffer {
  const row = `${index}`.padEnd(rowBytes - 1, 'x');
  return Buffer.from(`job_${index}\n${`${row}\n`.repeat(rows)}`);
}

/** What is wrong with a reply; undefined for the right one. */
export type Fault = { readonly what: 'not theirs' | 'torn'; readonly detail: string } | undefined;

/**
 * @param attempt of the write that published it, where that is known
 */
export function faultOfReply(
  { index, work }: Pick<JobPlan, 'index' | 'work'>,
  ref: string,
  content: Buffer,
  attempt?: number,
): Fault {
  if (work.operation === 'delay' && work.replyBytes !== undefined)
    return faultOfBytes(content, work.replyBytes);
  let reply: Record<string, unknown>;
  try {
    reply = JSON.parse(content.toString()) as Record<string, unknown>;
  } catch {
    return { what: 'torn', detail: `${content.length} bytes that are not JSON` };
  }
  const wanted =
    work.operation === 'delay'
      ? { ref, seconds: work.seconds, ...(attempt !== undefined && { attempt }) }
      : { rows: work.rows, bytes: csvOf(index, work).length, ragged: 0 };
  for (const [name, value] of Object.entries(wanted)) {
    if (reply[name] !== value) {
      const what = name === 'attempt' ? 'torn' : 'not theirs';
      return { what, detail: `${name} is ${JSON.stringify(reply[name])}, not ${JSON.stringify(value)}` };
    }
  }
  const [column] = (reply.columns ?? []) as { name?: string }[];
  if (work.operation === 'csv-profile' && column?.name !== `job_${index}`)
    return { what: 'not theirs', detail: `the profile of ${column?.name}` };
  return undefined;
}

function faultOfBytes(content: Buffer, bytes: number): Fault {
  if (content.length !== bytes)
    return { what: 'not theirs', detail: `${content.length} bytes instead of ${bytes}` };
  const wrong = content.findIndex((byte, at) => byte !== at % 256);
  return wrong < 0 ? undefined : { what: 'torn', detail: `byte ${wrong} of ${bytes}` };
}

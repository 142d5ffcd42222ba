/** How a caller wants pending and success answered: chosen once, by `?pending=` and `?reply=`, and carried in Location. */
import type { Config, PendingStatus, ReplyMode } from '../config.ts';
import { oneOf } from './query.ts';

export interface Dialect {
  readonly pending: PendingStatus;
  readonly reply: ReplyMode;
  /** What the caller itself chose, as a query: `?pending=404`, or empty. Nothing else of its query is carried. */
  readonly query: string;
}

/** Throws HttpRefusal: `query-invalid`. */
export function dialectOf(
  query: URLSearchParams,
  config: Pick<Config, 'pendingStatus' | 'replyMode'>,
): Dialect {
  const pending = oneOf(query, 'pending', ['202', '200', '404']);
  const reply = oneOf(query, 'reply', ['redirect', 'stream', 'link']);
  const chosen = new URLSearchParams({ ...(pending && { pending }), ...(reply && { reply }) }).toString();
  return {
    pending: pending === undefined ? config.pendingStatus : (Number(pending) as PendingStatus),
    reply: reply ?? config.replyMode,
    query: chosen === '' ? '' : `?${chosen}`,
  };
}

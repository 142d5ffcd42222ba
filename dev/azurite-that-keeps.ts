/**
 * Loaded into Azurite's process before Azurite: every minute (queues) and every ten (blobs) it looks for content that nothing has any
 * more, and removes it one piece at a time, each by building an index of all anew. After some thousand jobs it answers nobody
 * for up to minutes. And it cuts connections after 5 s without a request, those too whose next request has come while its garbage collector
 * paused it for as long. And at every look into a queue and every message deleted it removes the messages that have expired, for which it
 * makes all indices anew, none having expired: seconds, of 100,000 messages.
 */
import { createRequire } from 'node:module';

const KEEP_ALIVE_SECONDS = 300;

interface Constants {
  DEFAULT_GC_INTERVAL_MS: number;
  [keepAliveSeconds: `DEFAULT_${string}_KEEP_ALIVE_TIMEOUT`]: number;
}

const requireOfAzurite = createRequire(import.meta.filename);
for (const service of ['blob', 'queue']) {
  const constants = requireOfAzurite(`azurite/dist/src/${service}/utils/constants.js`) as Constants;
  // The longest that a timer takes: never, within a run.
  constants.DEFAULT_GC_INTERVAL_MS = 2 ** 31 - 1;
  constants[`DEFAULT_${service.toUpperCase()}_KEEP_ALIVE_TIMEOUT`] = KEEP_ALIVE_SECONDS;
}

interface Collection {
  remove(documents: object): unknown;
}

const { Collection } = requireOfAzurite('lokijs') as { Collection: { prototype: Collection } };
const { remove } = Collection.prototype;
Collection.prototype.remove = function (documents) {
  if (Array.isArray(documents) && documents.length === 0) return undefined;
  return remove.call(this, documents);
};

/**
 * Loaded into Azurite's process before Azurite: every minute (queues) and every ten (blobs) it looks for content that nothing has any
 * more, and removes it one piece at a time, each by building an index of all anew. After some thousand jobs it answers nobody
 * for up to minutes.
 */
import { createRequire } from 'node:module';

interface Constants {
  DEFAULT_GC_INTERVAL_MS: number;
}

const requireOfAzurite = createRequire(import.meta.filename);
for (const service of ['blob', 'queue']) {
  const constants = requireOfAzurite(`azurite/dist/src/${service}/utils/constants.js`) as Constants;
  // The longest that a timer takes: never, within a run.
  constants.DEFAULT_GC_INTERVAL_MS = 2 ** 31 - 1;
}

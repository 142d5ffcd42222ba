/**
 * Loaded into Azurite's process before Azurite: every ten minutes it looks for content that no blob has any more, and removes it
 * one piece at a time, each by building an index of all anew. After some thousand jobs it answers nobody for minutes.
 */
import { createRequire } from 'node:module';

const constants = createRequire(import.meta.filename)('azurite/dist/src/blob/utils/constants.js') as {
  DEFAULT_GC_INTERVAL_MS: number;
};
// The longest that a timer takes: never, within a run.
constants.DEFAULT_GC_INTERVAL_MS = 2 ** 31 - 1;

/** Builds the app with one operation more, which only copies: its reply is its request. */
import { buildExtendedApp } from './extended-app.ts';

const OPERATION = `
import { operation, stream } from './operation.ts';
export const copy = operation({
  name: 'copy',
  summary: 'Replies with its request.',
  accepts: { 'application/octet-stream': stream },
  replies: ['application/octet-stream'],
  run: async ({ request: { body } }) => ({ stream: body, contentType: 'application/octet-stream' }),
});
`;

/** Returns the absolute path of the entry file. */
export function buildCopyingApp(): string {
  return buildExtendedApp('copying', OPERATION);
}

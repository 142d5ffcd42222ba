/**
 * The movable clock of a test's Azurite, loaded into its process before Azurite itself. Azurite decides leases, message
 * visibility, SAS validity and Last-Modified by `new Date()`; each `{ advanceSeconds }` from the test moves what that says.
 * Timers keep running by the real clock.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';

const RealDate = Date;
let offsetMs = 0;
const now = () => RealDate.now() + offsetMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new Date().toString(),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});

// Node writes the Date header by a clock of its own, which no assignment reaches.
subscribe('http.server.request.start', (message) => {
  const { response } = message as { response: ServerResponse };
  response.setHeader('Date', new Date().toUTCString());
});

process.on('message', ({ advanceSeconds }: { advanceSeconds: number }) => {
  offsetMs += advanceSeconds * 1000;
  process.send?.({ offsetMs });
});

/** A collector that cannot be reached costs the telemetry and nothing else: no job, no time, no flood of lines. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startDelay, untilEnded } from '../contract/api.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { insightsAt, QUIET } from './collector.ts';

/** So often as many at once. */
const ROUNDS = 2;
const JOBS = 30;
/** A request to a collector is given up after 10 s; whatever waited for one would take longer than this. */
const MOST_MS = 8000;

/** Takes connections and never says a word. */
let silent: Server;
const sockets: Socket[] = [];
let app: FunctionApp;

beforeAll(async () => {
  silent = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  const port = await listening(silent);
  const gone = createServer();
  const refusing = await listening(gone);
  gone.close();
  app = await startFunctionApp({
    settings: {
      ...QUIET,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsAt(refusing),
    },
  });
}, 30_000);
afterAll(async () => {
  await app?.stop();
  for (const socket of sockets) socket.destroy();
  silent?.close();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Milliseconds from its start to when its client knew of its end. */
async function runJob(): Promise<number> {
  const beganMs = performance.now();
  const { status } = await untilEnded(app, await startDelay(app, { seconds: 0 }));
  expect(status).toBe('Succeeded');
  return performance.now() - beganMs;
}

test('every job ends, and none waits for it', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const jobsMs = await Promise.all(Array.from({ length: JOBS }, runJob));
    expect(Math.max(...jobsMs)).toBeLessThan(MOST_MS);
  }
  expect(sockets.length).toBeGreaterThan(0);
}, 40_000);

test('the log says so, once for each collector', async () => {
  await app.logged(/^telemetry not sent: .*"to":"OTLP"/);
  await app.logged(/^telemetry not sent: .*"to":"Application Insights"/);
  expect(app.lines.filter((line) => /telemetry not sent|ECONNREFUSED/.test(line))).toHaveLength(2);
}, 40_000);

test('a shutdown does not wait for it for longer than the host leaves', async () => {
  const beganMs = performance.now();
  await app.host.stop();
  expect(performance.now() - beganMs).toBeLessThan(MOST_MS);
});

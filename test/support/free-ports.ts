/** Ports for what must be told its port, and three in a row of them, before it listens. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below, the system gives ports to whoever connects: one that was free a moment ago is then anybody's, and under load often is.
 * Linux leaves this range to those who name their port.
 */
const FIRST = 61_000;
const LAST = 65_533;

/** The first of so many ports in a row, none of which anybody listens on. */
export async function freePorts(count: number): Promise<number> {
  while (true) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}

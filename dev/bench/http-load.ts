/** The figures of an HTTP function under load, by the number of clients. */
import type { BenchContext } from './bench.ts';
import { cpuFigures, cpuTimeMs } from './cpu-time.ts';
import type { Figure } from './figure.ts';
import { type Ask, load } from './load.ts';
import { each, inTurns } from './rounds.ts';
import type { Side, Sides } from './sides.ts';

const CLIENTS = [1, 16, 64];
const ROUNDS = 7;
const ROUND_SECONDS = 1.2;
/** Until the engine has compiled what is hot; at first, a worker answers several times slower. */
const WARM_UP_SECONDS = 4;

/** @param next what a client asks next of a side */
export async function httpLoad(
  { isQuick, say }: Pick<BenchContext, 'isQuick' | 'say'>,
  sides: Sides,
  next: (side: Side, client: number) => Ask,
): Promise<readonly Figure[]> {
  const [rounds, seconds, warmUpSeconds] = isQuick ? [1, 0.2, 0.2] : [ROUNDS, ROUND_SECONDS, WARM_UP_SECONDS];
  await inTurns(sides, 1, (side) =>
    load({ clients: 16, seconds: warmUpSeconds, next: (client) => next(side, client) }),
  );
  const figures: Figure[] = [];
  for (const clients of CLIENTS) {
    say(`${clients} clients`);
    const measured = await inTurns(sides, rounds, async (side) => {
      const beforeMs = cpuTimeMs(side.host.workerPid);
      const result = await load({ clients, seconds, next: (client) => next(side, client) });
      return { ...result, cpuMs: (cpuTimeMs(side.host.workerPid) - beforeMs) / result.requests };
    });
    const by = clients === 1 ? '1 client' : `${clients} clients`;
    figures.push(
      { name: by, unit: 'requests/s', ...each(measured, ({ requestsPerSecond }) => requestsPerSecond) },
      { name: `${by}, median`, unit: 'ms', ...each(measured, ({ p50Ms }) => p50Ms) },
      { name: `${by}, 99th percentile`, unit: 'ms', ...each(measured, ({ p99Ms }) => p99Ms) },
      ...cpuFigures(by, measured),
    );
  }
  return figures;
}

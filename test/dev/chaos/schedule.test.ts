import { expect, test } from '@jest/globals';
import { type Schedule, scheduleFrom } from '../../../dev/chaos/schedule.ts';

const size = { jobs: 300, kills: 20, pauses: 3, faults: 50, hosts: 3, seed: 7 };
const all = ({ mishaps }: Schedule) => [...mishaps.values()].flat();

test('the same seed makes the same schedule, another seed another', () => {
  expect(scheduleFrom(size)).toEqual(scheduleFrom(size));
  expect(scheduleFrom({ ...size, seed: 8 })).not.toEqual(scheduleFrom(size));
});

test('as many jobs, kills, pauses and faults as were asked for, on the hosts there are, over all of the run', () => {
  const schedule = scheduleFrom(size);
  expect(schedule.jobs).toHaveLength(300);
  for (const [kind, count] of [
    ['kill', 20],
    ['pause', 3],
    ['fault', 50],
  ] as const) {
    expect(all(schedule).filter((mishap) => mishap.kind === kind)).toHaveLength(count);
  }
  const hosts = all(schedule).flatMap((mishap) => ('host' in mishap ? mishap.host : []));
  expect([...new Set(hosts)].sort()).toEqual([0, 1, 2]);
  expect(Math.max(...schedule.mishaps.keys())).toBeLessThan(300);
  expect(Math.max(...schedule.mishaps.keys())).toBeGreaterThan(270);
});

test('of 1,000 jobs some are of every kind, and some clients do everything that clients do', () => {
  const { jobs } = scheduleFrom({ ...size, jobs: 1000 });
  const has = (what: (job: (typeof jobs)[number]) => unknown) => expect(jobs.some(what)).toBe(true);
  has(({ work }) => work.operation === 'csv-profile' && work.rows * work.rowBytes > 4_194_304);
  has(({ work }) => work.operation === 'delay' && (work.replyBytes ?? 0) > 4_194_304);
  for (const outcome of ['succeed', 'reject', 'throw', 'crash'])
    has(({ work }) => work.operation === 'delay' && work.outcome === outcome);
  has(({ key }) => key?.atOnce === true);
  has(({ key }) => key?.atOnce === false);
  for (const act of ['cancel', 'delete']) has(({ hand }) => hand?.act === act);
  has(({ vanishes }) => vanishes);
  has(({ hangsUp }) => hangsUp);
  has(({ waitSeconds }) => waitSeconds > 0);
});

/** Deliveries and the fast path in one room: the queue first, and never more than the host would run alone. */
import { expect, test } from '@jest/globals';
import { type RoomLimits, roomOf } from '../../src/jobs/room.ts';

const LIMITS: RoomLimits = { mostOfLane: 3, fetchesUpTo: 1, mostOnFastPath: 2 };
const LANE = undefined;

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Deliveries that last until they are told to end. */
function roomWithDeliveries(limits: Partial<RoomLimits> = {}) {
  const room = roomOf({ ...LIMITS, ...limits });
  const running: (() => void)[] = [];
  const deliver = async (count: number, lane: string | undefined = LANE) => {
    for (let index = 0; index < count; index++) {
      void room.deliver(lane, () => new Promise<void>((resolve) => running.push(resolve)));
    }
    await settled();
  };
  return { room, running, deliver };
}

test('the fast path takes no more than its own places, and gets back what is given up', () => {
  const room = roomOf(LIMITS);
  const leave = room.enterFastPath(LANE);
  expect(room.enterFastPath('other')).toBeDefined();
  expect(room.enterFastPath(LANE)).toBeUndefined();
  leave?.();
  expect(room.enterFastPath(LANE)).toBeDefined();
});

test('the fast path gives way while the host fetches no more, since messages may wait', async () => {
  const { room, running, deliver } = roomWithDeliveries();
  await deliver(2);
  expect(room.enterFastPath(LANE)).toBeUndefined();
  expect(room.enterFastPath('other')).toBeDefined();
  running[0]?.();
  await settled();
  expect(room.enterFastPath(LANE)).toBeDefined();
});

test('a delivery that finds its place taken waits for the next that is given up, first come first', async () => {
  const { room, running, deliver } = roomWithDeliveries();
  const leave = [room.enterFastPath(LANE), room.enterFastPath(LANE)];
  await deliver(3);
  expect(running).toHaveLength(1);
  leave[0]?.();
  await settled();
  expect(running).toHaveLength(2);
  running[0]?.();
  await settled();
  expect(running).toHaveLength(3);
});

test('with nothing on the fast path, the host alone says how much it delivers', async () => {
  const { running, deliver } = roomWithDeliveries();
  await deliver(5);
  expect(running).toHaveLength(5);
});

test('a delivery that fails gives its place up, and is heard', async () => {
  const room = roomOf({ ...LIMITS, mostOfLane: 2 });
  room.enterFastPath(LANE);
  await expect(room.deliver(LANE, () => Promise.reject(new Error('no storage')))).rejects.toThrow(
    'no storage',
  );
  await expect(room.deliver(LANE, async () => 'done')).resolves.toBe('done');
});

test('closed, it lets in what waits and whatever the host still delivers, and nothing on the fast path', async () => {
  const { room, running, deliver } = roomWithDeliveries({ mostOfLane: 1, mostOnFastPath: 1 });
  room.enterFastPath(LANE);
  await deliver(2);
  expect(running).toHaveLength(0);
  room.close();
  await deliver(1);
  expect(running).toHaveLength(3);
  expect(room.enterFastPath('other')).toBeUndefined();
});

test('without places the fast path is off', () => {
  expect(roomOf({ ...LIMITS, mostOnFastPath: 0 }).enterFastPath(LANE)).toBeUndefined();
});

/** The parts of the queue listener that are pure: waits and decoding. */
import { expect, test } from '@jest/globals';
import { createPollingBackoff } from '../../../dev/host/queues/polling-backoff.ts';
import { decodeMessage } from '../../../dev/host/queues/queue-message.ts';

test('waits double from 100 ms up to the longest, and start again after a message', () => {
  const nextDelay = createPollingBackoff(2_000, () => 0.5);
  const waits = [true, ...Array.from({ length: 6 }, () => false), true].map((hasFound) =>
    nextDelay(hasFound),
  );
  expect(waits).toEqual([100, 200, 300, 500, 900, 1_700, 2_000, 100]);
  expect(nextDelay(false)).toBe(200);
});

test('a wait varies by a fifth either way', () => {
  expect(createPollingBackoff(60_000, () => 0)(false)).toBe(180);
  expect(createPollingBackoff(60_000, () => 1)(false)).toBeCloseTo(220);
});

test('base64 is taken as .NET takes it: whole groups, white space ignored', () => {
  const decoded = (text: string) => decodeMessage(text, 'base64')?.toString('utf8');
  expect(decoded('aGk=')).toBe('hi');
  expect(decoded(' aG\nk= ')).toBe('hi');
  expect(decoded('')).toBe('');
  for (const text of ['aGk', 'a-_=', '{"a":1}', 'aGk==', 'hello']) expect(decoded(text)).toBeUndefined();
  expect(decodeMessage('{"a":1}', 'none')?.toString('utf8')).toBe('{"a":1}');
});

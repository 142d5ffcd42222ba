/** Timer functions: when they fire, and what their handler gets. */
import { expect, test } from '@jest/globals';
import type { TimerFunction } from '../../../dev/host/functions.ts';
import { readSchedule } from '../../../dev/host/timers.ts';
import { useToyHosts } from './toy-hosts.ts';

const startToyHost = useToyHosts();
const timer = (schedule: string): TimerFunction => ({
  trigger: 'timer',
  name: 'tick',
  triggerName: 'timer',
  clientNames: [],
  schedule,
  runOnStartup: false,
});

test('fires on its schedule, again and again', async () => {
  const { logged } = await startToyHost({ settings: { TIMER: '1' } });
  await logged(/^Executing 'Functions.tick' \(Reason='Timer fired at \d{4}-.*', Id=.*\)$/, 2);
  const [tick] = await logged(/^tick /, 2);
  expect(JSON.parse(tick?.slice('tick '.length) ?? '')).toEqual({
    schedule: { adjustForDST: true },
    scheduleStatus: null,
    isPastDue: false,
  });
  const [list] = await logged(/^The next 5 occurrences of the 'tick' schedule/);
  expect(list?.split('\n')).toHaveLength(6);
});

test('is started by hand', async () => {
  const { host, logged } = await startToyHost({ settings: { YEARLY: '1' } });
  const response = await fetch(`${host.url}/admin/functions/yearly`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  });
  expect(response.status).toBe(202);
  await logged(/^yearly/);
});

test('is not there where AzureWebJobs.NAME.Disabled says so', async () => {
  const { host } = await startToyHost({ settings: { YEARLY: '1', 'AzureWebJobs.yearly.Disabled': 'true' } });
  expect(host.functions.map(({ name }) => name)).not.toContain('yearly');
});

test('the six fields are NCRONTAB: a day has to fit both the month and the week, the time is UTC', () => {
  // The first Friday the 13th after this moment is in November.
  const [next] = readSchedule(timer('30 15 6 13 * 5')).nextRuns(1, new Date('2026-04-01T00:00:00Z'));
  expect(next?.toISOString()).toBe('2026-11-13T06:15:30.000Z');
});

test('five fields are not enough', () => {
  expect(() => readSchedule(timer('0 5 * * *'))).toThrow(
    /^Function 'tick': the schedule '0 5 \* \* \*' wants six fields/,
  );
});

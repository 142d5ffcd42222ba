/** Faults while whoever looks at a job recovers it: a poll, and the sweep. */
import type { Job } from '../../../src/jobs/job.ts';
import { type Arrangement, arrangeJob } from '../support/arranged-job.ts';
import type { JobStorage } from '../support/job-storage.ts';
import { client, host } from './hearing.ts';
import type { Scenario } from './scenario.ts';

/** The message of a dead worker is hidden for ten minutes: as good as none. */
const withoutMessage =
  (arrangement: Arrangement, quietSeconds = 0) =>
  async (storage: JobStorage): Promise<string> => {
    const { ref } = await arrangeJob(storage, { limit: 5, ...arrangement });
    await storage.advance(quietSeconds);
    return ref;
  };

/** The sweep looks at every job there is, so there is but one, and no sweeper that died a moment ago. */
const alone = (arrange: Scenario['arrange']) => async (storage: JobStorage) => {
  for await (const { name } of storage.container.listBlobsFlat()) {
    await storage.store.breakLease(name);
    await storage.store.delete(name);
  }
  await storage.advance(60);
  return await arrange(storage);
};

const endsAs = (state: Job['state']) => (_: string, end: Job | undefined) => end?.state === state;

/** A death between blob and message leaves it to whoever looks next, as before. */
const poll = {
  act: ({ subject, ref }) => subject.run((app) => app.read(ref)),
  hears: client('200'),
  strands: true,
} satisfies Partial<Scenario>;

const sweep = {
  act: ({ subject }) => subject.run((app) => app.sweep()),
  hears: host,
  strands: true,
} satisfies Partial<Scenario>;

export const recoveryScenarios: readonly Scenario[] = [
  {
    ...poll,
    title: 'Poll of a job whose worker has died',
    story: 'The lease of attempt 1 has expired.',
    arrange: withoutMessage({ lease: 'expired' }),
    agrees: endsAs('Succeeded'),
  },
  {
    ...poll,
    title: 'Poll of a job whose worker has died again',
    story: 'The lease of attempt 2 has expired, and attempt 1 was lost too: attempt 3 is put off.',
    arrange: withoutMessage({ attempt: 2, lost: 1, lease: 'expired' }),
    agrees: endsAs('Succeeded'),
  },
  {
    ...poll,
    title: 'Poll of a job whose message is lost',
    story: 'Nobody has claimed the job for 31 s, and its queue is empty.',
    arrange: withoutMessage({}, 31),
    agrees: endsAs('Succeeded'),
  },
  {
    ...poll,
    title: 'Poll of a job whose last worker has died',
    story: 'The lease of attempt 5 of 5 has expired.',
    arrange: withoutMessage({ attempt: 5, lease: 'expired' }),
    agrees: endsAs('Failed'),
  },
  {
    ...poll,
    title: 'Poll of a job whose cancel has died',
    story: 'The lease is broken and nothing more.',
    arrange: withoutMessage({ lease: 'broken' }),
    agrees: endsAs('Canceled'),
  },
  {
    ...sweep,
    title: 'Sweep, of a job whose worker has died',
    story: 'The lease of attempt 1 has expired, and nobody polls.',
    arrange: alone(withoutMessage({ lease: 'expired' })),
    agrees: endsAs('Succeeded'),
  },
  {
    ...sweep,
    title: 'Sweep, of a job whose message is lost',
    story: 'Nobody has claimed the job for 31 s, its queue is empty, and nobody polls.',
    arrange: alone(withoutMessage({}, 31)),
    agrees: endsAs('Succeeded'),
  },
  {
    ...sweep,
    title: 'Sweep, of a job whose time is over',
    story: 'The job was canceled, and its retention has passed.',
    arrange: alone(withoutMessage({ state: 'Canceled', retentionSeconds: 1 }, 2)),
    // It stays for the next sweep where this one met the fault, or another one's lease.
    agrees: (_, end) => end === undefined || end.state === 'Canceled',
  },
];

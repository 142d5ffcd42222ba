/** What is searched: who acts beside the workers, and how much may go wrong. Each is searched to its end. */
import type { Scope } from './explore.ts';

const accepted = { begins: 'accepted' } as const;
const unsent = { begins: 'unsent' } as const;
const entering = { begins: 'enters the fast path' } as const;
const fast = { begins: 'on the fast path' } as const;

/** Seconds of work; part of every test run. */
export const shortScopes: readonly Scope[] = [
  { title: 'deliveries alone', workers: 2, limit: 2, others: ['poison handler'], faults: 1, ...accepted },
  {
    title: 'with cancel',
    workers: 1,
    limit: 2,
    others: ['poison handler', 'canceler'],
    faults: 1,
    ...accepted,
  },
  {
    title: 'with delete',
    workers: 1,
    limit: 2,
    others: ['poison handler', 'deleter'],
    faults: 1,
    ...accepted,
  },
  {
    title: 'with recovery, its message never put',
    workers: 2,
    limit: 2,
    others: ['poller'],
    faults: 1,
    ...unsent,
  },
  {
    title: 'with an operator and recovery',
    workers: 1,
    limit: 1,
    others: ['operator', 'poller'],
    faults: 1,
    ...accepted,
  },
  { title: 'on the fast path', workers: 2, limit: 2, others: ['poison handler'], faults: 1, ...fast },
  { title: 'entering the fast path', workers: 1, limit: 2, others: ['poller'], faults: 1, ...entering },
];

/** Minutes of work and some gigabytes of memory. */
export const longScopes: readonly Scope[] = [
  { title: 'deliveries alone', workers: 2, limit: 2, others: ['poison handler'], faults: 2, ...accepted },
  {
    title: 'with cancel',
    workers: 2,
    limit: 2,
    others: ['poison handler', 'canceler'],
    faults: 1,
    ...accepted,
  },
  {
    title: 'with cancel, more faults',
    workers: 1,
    limit: 2,
    others: ['poison handler', 'canceler'],
    faults: 2,
    ...accepted,
  },
  {
    title: 'with delete',
    workers: 2,
    limit: 2,
    others: ['poison handler', 'deleter'],
    faults: 1,
    ...accepted,
  },
  {
    title: 'with delete, more faults',
    workers: 1,
    limit: 2,
    others: ['poison handler', 'deleter'],
    faults: 2,
    ...accepted,
  },
  {
    title: 'with recovery',
    workers: 2,
    limit: 2,
    others: ['poison handler', 'poller'],
    faults: 1,
    ...accepted,
  },
  {
    title: 'with recovery, more faults',
    workers: 1,
    limit: 2,
    others: ['poison handler', 'poller'],
    faults: 2,
    ...accepted,
  },
  {
    title: 'with recovery, its message never put',
    workers: 2,
    limit: 2,
    others: ['poison handler', 'poller'],
    faults: 1,
    ...unsent,
  },
  {
    title: 'on the fast path',
    workers: 2,
    limit: 2,
    others: ['poison handler'],
    faults: 2,
    ...fast,
  },
  {
    title: 'on the fast path, with cancel and delete',
    workers: 2,
    limit: 1,
    others: ['poison handler', 'canceler', 'deleter'],
    faults: 1,
    ...fast,
  },
  {
    title: 'entering the fast path',
    workers: 2,
    limit: 2,
    others: ['poison handler', 'poller'],
    faults: 1,
    ...entering,
  },
  {
    title: 'entering the fast path, more faults',
    workers: 1,
    limit: 2,
    others: ['poison handler', 'poller'],
    faults: 2,
    ...entering,
  },
  {
    title: 'with an operator and recovery',
    workers: 1,
    limit: 1,
    others: ['poison handler', 'operator', 'poller'],
    faults: 2,
    ...accepted,
  },
  {
    title: 'with everybody',
    workers: 1,
    limit: 1,
    others: ['poison handler', 'canceler', 'deleter', 'operator', 'poller'],
    faults: 1,
    ...accepted,
  },
];

/** Where a removed rule is looked for: without recovery and other hands, which would mend much of what it breaks. */
const removed = { title: 'a rule removed', workers: 2, limit: 2, ...accepted } as const;
export const removalScopes: readonly Scope[] = [
  { ...removed, others: ['poison handler'], faults: 0 },
  { ...removed, others: ['poison handler'], faults: 1 },
  { ...removed, others: ['poison handler', 'canceler'], faults: 0 },
];

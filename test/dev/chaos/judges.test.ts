/** What finds nothing proves nothing: each kind of finding is made, and found. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type JobLedger, jobLedger } from '../../../dev/chaos/job-ledger.ts';
import type { Work } from '../../../dev/chaos/schedule.ts';
import { type Witness, witnessOf } from '../../../dev/chaos/witness.ts';
import { faultOfReply, requestOf } from '../../../dev/chaos/work.ts';

const REF = 'r'.repeat(43);
let found: string[];
const report = (what: string) => void found.push(what);
beforeEach(() => {
  found = [];
});

describe('what storage saw', () => {
  let ledger: JobLedger;
  beforeEach(() => {
    ledger = jobLedger(report);
  });

  /** One write as the proxy tells of it. */
  function write(
    operation: string,
    after: string | undefined,
    etag: string,
    [state, attempt, limit = 5]: readonly [string, number, number?],
    more: Record<string, string> = {},
  ): void {
    ledger.observe({
      call: {
        service: 'blob',
        method: 'PUT',
        operation,
        path: `/account/jobs/${REF}?x=1`,
        signedBy: 'key',
        status: undefined,
      },
      status: 201,
      asked: {
        ...(after === undefined ? { 'if-none-match': '*' } : { 'if-match': after }),
        'x-ms-meta-state': state,
        'x-ms-meta-attempt': String(attempt),
        'x-ms-meta-limit': String(limit),
        ...more,
      },
      answered: { etag },
    });
  }
  const create = () => write('Put Blob', undefined, '1', ['Pending', 1]);
  const remove = () =>
    ledger.observe({
      call: {
        service: 'blob',
        method: 'DELETE',
        operation: 'Delete Blob',
        path: `/account/jobs/${REF}`,
        signedBy: 'key',
        status: undefined,
      },
      status: 202,
      asked: {},
      answered: {},
    });
  const findings = () => {
    ledger.close();
    return found;
  };

  test('a job that goes its way', () => {
    create();
    write('Set Blob Metadata', '1', '2', ['Pending', 2]);
    write('Put Blob', '2', '3', ['Succeeded', 2]);
    expect(ledger.entry(REF)).toMatchObject({ etag: '3', state: 'Succeeded', attempt: 2 });
    remove();
    expect(ledger.entry(REF)).toBeUndefined();
    expect(findings()).toEqual([]);
  });

  test('answers that overtake each other, a deletion among them', () => {
    write('Put Blob', '2', '3', ['Succeeded', 2]);
    write('Set Blob Metadata', '1', '2', ['Pending', 2]);
    create();
    remove();
    create();
    remove();
    write('Set Blob Metadata', '1', '2', ['Canceled', 1]);
    expect(findings()).toEqual([]);
  });

  test.each([
    ['changed after its end', 'Set Blob Metadata', ['Pending', 2]],
    ['published twice', 'Put Blob', ['Succeeded', 1]],
  ] as const)('%s', (what, operation, to) => {
    create();
    write('Put Blob', '1', '2', ['Succeeded', 1]);
    write(operation, '2', '3', to);
    expect(findings()).toContain(what);
  });

  test.each([
    ['the state without the reply', 'Set Blob Metadata', ['Succeeded', 1]],
    ['the reply without the state', 'Put Blob', ['Pending', 1]],
  ] as const)('torn: %s', (_, operation, to) => {
    create();
    write(operation, '1', '2', to);
    expect(findings()).toEqual(['torn']);
  });

  test.each([
    ['an attempt left out', ['Pending', 3], {}],
    ['an attempt beyond the limit', ['Pending', 2, 1], {}],
    ['another operation', ['Pending', 1], { 'x-ms-meta-operation': 'other' }],
  ] as const)('unexplained: %s', (_, to, more) => {
    create();
    write('Set Blob Metadata', '1', '2', to, more);
    expect(findings()).toContain('unexplained');
  });

  test('blocks that are given up, and a start under the same key after them', () => {
    const none = { 'x-ms-meta-operation': 'none' };
    write('Put Block List', undefined, '1', ['Canceled', 1, 1], none);
    remove();
    write('Put Blob', undefined, '2', ['Pending', 1]);
    expect(found).toEqual([]);
    write('Put Block List', '2', '3', ['Canceled', 1, 1], none);
    expect(found).toEqual(['torn']);
  });

  test('unexplained: a job that begins at its end', () => {
    write('Put Block List', undefined, '1', ['Canceled', 1]);
    expect(found).toEqual(['unexplained']);
  });

  test('unexplained: a write without a condition, and one after what nobody wrote', () => {
    create();
    write('Set Blob Metadata', 'unseen', '2', ['Pending', 1]);
    expect(findings()).toEqual(['unexplained']);
  });
});

describe('what a client saw', () => {
  const succeeds: Work = { operation: 'delay', seconds: 1, steps: 1, outcome: 'succeed' };
  const rejects: Work = { ...succeeds, outcome: 'reject' };
  const by = (work: Work, see: (witness: Witness) => void) => {
    see(witnessOf(REF, work, report));
    return found;
  };

  test.each<readonly [string, Work, (witness: Witness) => void]>([
    ['a reply', succeeds, (job) => job.saw({ state: 'Succeeded' })],
    ['attempts run out', succeeds, (job) => job.saw({ state: 'Failed', status: 500 })],
    ['a rejection', rejects, (job) => job.saw({ state: 'Failed', status: 422 })],
    [
      'progress anew with an attempt',
      succeeds,
      (job) => {
        job.saw({ state: 'pending', attempt: 1, percent: 80 });
        job.saw({ state: 'pending', attempt: 2, percent: 10 });
      },
    ],
    [
      'a cancel that was not answered, done late',
      succeeds,
      (job) => {
        job.asked('cancel');
        job.saw({ state: 'pending' });
        job.saw({ state: 'Canceled' });
      },
    ],
    [
      'a deletion after the end',
      succeeds,
      (job) => {
        job.saw({ state: 'Succeeded' });
        job.asked('delete');
        job.done('delete');
        job.saw({ state: 'gone' });
      },
    ],
  ])('explained: %s', (_, work, see) => {
    expect(by(work, see)).toEqual([]);
  });

  const ended = (job: Witness) => job.saw({ state: 'Succeeded' });
  const canceled = (job: Witness) => job.done('cancel');
  const deleted = (job: Witness) => job.done('delete');
  test.each<readonly [string, string, Work, ...((witness: Witness) => void)[]]>([
    ['lost', 'accepted, then 404', succeeds, (job) => job.saw({ state: 'gone' })],
    ['changed after its end', 'pending again', succeeds, ended, (job) => job.saw({ state: 'pending' })],
    [
      'changed after its end',
      'failed after all',
      succeeds,
      ended,
      (job) => job.saw({ state: 'Failed', status: 500 }),
    ],
    ['changed after its end', 'canceled after all', succeeds, ended, canceled],
    ['changed after its end', 'a reply after a cancel', succeeds, canceled, ended],
    ['changed after its end', 'there after a deletion', succeeds, deleted, ended],
    ['unexplained', 'a reply to what was to fail', rejects, ended],
    [
      'unexplained',
      'a rejection of what was to succeed',
      succeeds,
      (job) => job.saw({ state: 'Failed', status: 422 }),
    ],
    ['unexplained', 'a cancel nobody asked for', succeeds, (job) => job.saw({ state: 'Canceled' })],
    ['unexplained', 'a cancel refused after it was done', succeeds, canceled, (job) => job.tooLate()],
    [
      'unexplained',
      'an attempt that falls',
      succeeds,
      (job) => job.saw({ state: 'pending', attempt: 2 }),
      (job) => job.saw({ state: 'pending', attempt: 1 }),
    ],
    [
      'unexplained',
      'progress that falls',
      succeeds,
      (job) => job.saw({ state: 'pending', attempt: 1, percent: 50 }),
      (job) => job.saw({ state: 'pending', attempt: 1, percent: 40 }),
    ],
  ])('%s: %s', (what, _, work, ...steps) => {
    expect(
      by(work, (job) => {
        for (const step of steps) step(job);
      }),
    ).toEqual([what]);
  });
});

describe('a reply', () => {
  const delay = {
    index: 3,
    work: { operation: 'delay', seconds: 1.5, steps: 1, outcome: 'succeed' },
  } as const;
  const bytes = { index: 3, work: { ...delay.work, replyBytes: 1000 } } as const;
  const csv = { index: 3, work: { operation: 'csv-profile', rows: 2, rowBytes: 10 } } as const;
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const pattern = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 256));
  const profile = { rows: 2, bytes: requestOf(csv).body.length, ragged: 0, columns: [{ name: 'job_3' }] };

  test('that is right', () => {
    expect(faultOfReply(delay, REF, json({ ref: REF, seconds: 1.5, attempt: 2 }), 2)).toBeUndefined();
    expect(faultOfReply(bytes, REF, pattern)).toBeUndefined();
    expect(faultOfReply(csv, REF, json(profile))).toBeUndefined();
  });

  test('of another job', () => {
    const notTheirs = { what: 'not theirs' };
    expect(faultOfReply(delay, REF, json({ ref: 'other', seconds: 1.5 }))).toMatchObject(notTheirs);
    expect(faultOfReply(delay, REF, json({ ref: REF, seconds: 1.6 }))).toMatchObject(notTheirs);
    expect(faultOfReply(bytes, REF, pattern.subarray(1))).toMatchObject(notTheirs);
    const columns = [{ name: 'job_4' }];
    expect(faultOfReply(csv, REF, json({ ...profile, columns }))).toMatchObject(notTheirs);
  });

  test('that is torn: the request, half of it, mixed, or of another attempt than its state', () => {
    const torn = { what: 'torn' };
    expect(faultOfReply(csv, REF, requestOf(csv).body)).toMatchObject(torn);
    expect(faultOfReply(delay, REF, json({ ref: REF }).subarray(1))).toMatchObject(torn);
    expect(
      faultOfReply(bytes, REF, Buffer.concat([pattern.subarray(500), pattern.subarray(0, 500)])),
    ).toMatchObject(torn);
    expect(faultOfReply(delay, REF, json({ ref: REF, seconds: 1.5, attempt: 1 }), 2)).toMatchObject(torn);
  });
});

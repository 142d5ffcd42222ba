/** The model's blob as the decision tables of the app see a job: only what they look at is real. */
import type { Job } from '../../src/jobs/job.ts';
import { LAYOUT } from '../../src/jobs/job.ts';
import type { Rule } from './rules.ts';
import type { Blob } from './state.ts';

const WRITTEN = new Date(0);
/** Long after it was written: whoever recovers comes when it is time. */
const NOW = new Date(1e9);
const LATER = new Date(2e9);

export function viewOf(blob: Blob, without: Rule | undefined): Job {
  const isPutOff = blob.putOff && without !== 'rule 7';
  let { lease } = blob;
  if (lease === 'broken' && without === 'rule 6') lease = 'none';
  if (lease === 'expired' && without === 'rule 5') lease = 'none';
  return {
    ref: 'ref',
    operation: 'operation',
    layout: LAYOUT,
    etag: 'etag',
    state: blob.state,
    attempt: blob.attempt,
    limit: blob.limit,
    token: String(blob.token),
    waiting: blob.waiting,
    notBefore: isPutOff ? LATER : undefined,
    recovered: blob.recovered,
    lost: Number(blob.lost),
    lease,
    createdAt: WRITTEN,
    updatedAt: WRITTEN,
    observedAt: NOW,
    retentionSeconds: 1,
    params: {},
    contentType: '',
    contentDisposition: undefined,
    sizeBytes: 0,
  };
}

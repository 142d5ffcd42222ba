/** What the app tells of a job, as docs/design.md, section 3, has it. The client knows the contract, not the app's code. */

export interface StatusDocument {
  readonly id: string;
  readonly ref: string;
  readonly operation: string;
  readonly status: 'NotStarted' | 'Running' | 'Succeeded' | 'Failed' | 'Canceled';
  /** The job's URL. Whoever has it has the job: it is a secret like a key. */
  readonly location: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly updatedAt: string;
  readonly completedAt?: string;
  readonly attempt: number;
  readonly percentComplete?: number;
  readonly message?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly status?: number };
  readonly resourceLocation?: string;
  readonly replyUrl?: string;
  readonly replyUrlExpiresAt?: string;
  readonly expiresAt?: string;
}

/** A job by any of its status documents, or by its URL alone, kept from an earlier visit for instance. */
export type JobReference = string | Pick<StatusDocument, 'location'>;

export function hasEnded({ status }: StatusDocument): boolean {
  return status === 'Succeeded' || status === 'Failed' || status === 'Canceled';
}

/** A URL below the job's own: its monitor, its cancel, or its status endpoint in another dialect than the one it came with. */
export function jobUrl(job: JobReference, below = '', query: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(typeof job === 'string' ? job : job.location);
  url.pathname += below;
  url.hash = '';
  url.search = new URLSearchParams(query).toString();
  return url;
}

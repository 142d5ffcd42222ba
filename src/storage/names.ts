/** Names of containers and queues: written here and nowhere else. */

export const JOBS_CONTAINER = 'jobs';
export const UPLOADS_CONTAINER = 'uploads';

/** What the app keeps for itself. */
export const APP_CONTAINER = 'app';

/** Files between the activities of workflows. */
export const SCRATCH_CONTAINER = 'scratch';

/** The queue of a lane; the common one without. */
export function queueNameOf(lane: string | undefined): string {
  return lane === undefined ? 'job-requests' : `job-requests-${lane}`;
}

/** Where the Functions host moves what fails `maxDequeueCount` times; the suffix is the host's. */
export function poisonQueueNameOf(lane: string | undefined): string {
  return `${queueNameOf(lane)}-poison`;
}

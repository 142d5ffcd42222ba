/** Faults while a job is started from an upload, and while an attempt reads it. */
import { toUploadedRequest, UPLOADED_REQUEST_TYPE } from '../../../src/jobs/upload.ts';
import { newRef } from '../support/arranged-job.ts';
import type { JobStorage } from '../support/job-storage.ts';
import { type Content, REQUEST, replyOf } from '../support/work.ts';
import { accept, wholeOrNothing } from './accept-scenarios.ts';
import { arrangedWithMessage } from './arranged-with-message.ts';
import { client, deliverOnce, host } from './hearing.ts';
import type { Scenario } from './scenario.ts';

const UPLOAD = Buffer.from('what was uploaded');

/** What the job keeps of the upload that was made last. */
let document: Content = REQUEST;

/** Puts an upload there; a job of the same ref is to be started from it. */
async function upload({ uploads, uploadContainer }: JobStorage, ref = newRef()): Promise<string> {
  const blobHTTPHeaders = { blobContentType: 'text/plain' };
  await uploadContainer.getBlockBlobClient(ref).upload(UPLOAD, UPLOAD.length, { blobHTTPHeaders });
  const found = await uploads.look(ref);
  if (found === undefined) throw new Error('the upload is not there');
  document = { contentType: UPLOADED_REQUEST_TYPE, content: toUploadedRequest(found) };
  return ref;
}

async function startedFromUpload(storage: JobStorage): Promise<string> {
  const ref = await upload(storage);
  return await arrangedWithMessage('requests', { ref, request: document })(storage);
}

const uploadedReplyOf = (attempt: number) => replyOf(attempt, { contentType: 'text/plain', content: UPLOAD });

export const uploadScenarios: readonly Scenario[] = [
  {
    title: 'Accept, from an upload',
    story: 'A request that was uploaded before is accepted; the job keeps its name, ETag and size.',
    // Read after `arrange`, which makes it.
    get request() {
      return document;
    },
    replyOf: uploadedReplyOf,
    arrange: (storage) => upload(storage),
    act: (act) => accept(act, REQUEST, { upload: act.ref }),
    hears: client('202'),
    agrees: wholeOrNothing,
    strands: true,
  },
  {
    title: 'Run, from an upload',
    story: 'The first attempt reads the upload and succeeds before it would have claimed.',
    // Read after `arrange`, which makes it.
    get request() {
      return document;
    },
    replyOf: uploadedReplyOf,
    arrange: startedFromUpload,
    act: deliverOnce,
    hears: host,
    agrees: (_, end) => end?.state === 'Succeeded',
  },
  {
    title: 'Run, upload changed',
    story: 'The upload is written again before the first attempt reads it.',
    // Read after `arrange`, which makes it.
    get request() {
      return document;
    },
    replyOf: uploadedReplyOf,
    async arrange(storage) {
      const ref = await startedFromUpload(storage);
      const before = document;
      await upload(storage, ref);
      document = before;
      return ref;
    },
    act: deliverOnce,
    hears: host,
    agrees: (_, end) => end?.state === 'Failed' && end.problem?.status === 409,
  },
];

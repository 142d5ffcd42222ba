/** The client's public face. `npm run build` makes `dist/client/index.js` of it, an ES module with its types beside it. */
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type JobRequest,
  type SubmitOptions,
  type UploadOptions,
  type WaitOptions,
} from './client.ts';
export { JobEndedError, type ProblemDetails, ProblemError } from './errors.ts';
export type { JobReference, StatusDocument } from './status-document.ts';
export type { UploadProgress, UploadState } from './upload.ts';

/** The client's public face. `npm run build` makes `dist/client/index.js` of it, an ES module with its types beside it. */
export { type Client, createClient } from './client.ts';
export { JobEndedError, type ProblemDetails, ProblemError } from './errors.ts';
export type {
  CallOptions,
  ClientOptions,
  JobRequest,
  ReplyOptions,
  SubmitOptions,
  UploadOptions,
  WaitOptions,
} from './options.ts';
export type { JobReference, StatusDocument } from './status-document.ts';
export type { UploadProgress, UploadState } from './upload.ts';

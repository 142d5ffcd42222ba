/** `POST /api/uploads`: a URL at which the client puts a request into storage itself, of any size. */
import { newId, refOf } from '../jobs/identity.ts';
import { type Handler, json } from './answer.ts';
import type { OwnerOfCaller } from './caller.ts';

export interface CreateUploadDependencies {
  /** The URL at which the upload of that ref can be written, and nothing read. */
  readonly uploadUrl: (ref: string) => Promise<{ readonly url: string; readonly expiresAt: Date }>;
  /** Resolves once containers and queues are there. */
  readonly prepared: () => Promise<void>;
  readonly ownerOf: OwnerOfCaller;
}

/** Stores nothing: the upload is there once the client has written it. */
export function createUpload({ uploadUrl, prepared, ownerOf }: CreateUploadDependencies): Handler {
  return async function create(request) {
    const owner = ownerOf(request);
    await prepared();
    const id = newId();
    const { url, expiresAt } = await uploadUrl(refOf(owner, id));
    return json(201, { id, uploadUrl: url, expiresAt: expiresAt.toISOString() });
  };
}

/** What a queue message looks like on the wire, and what the handler and its trigger metadata get of it. */
import { isUtf8 } from 'node:buffer';
import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { QueueFunction } from '../functions.ts';
import type { InvocationRequest, TypedData } from '../rpc.ts';

export type MessageEncoding = 'base64' | 'none';

/** A message as the host works with it. `popReceipt` changes with every update, and so does `nextVisibleOn`. */
export type QueueMessage = Pick<
  DequeuedMessageItem,
  'messageId' | 'popReceipt' | 'messageText' | 'dequeueCount' | 'insertedOn' | 'expiresOn' | 'nextVisibleOn'
>;

/** The message's bytes, or undefined when its text is not in the encoding. */
export function decodeMessage(text: string, encoding: MessageEncoding): Buffer | undefined {
  if (encoding === 'none') return Buffer.from(text, 'utf8');
  const packed = text.replace(/\s/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return undefined;
  return Buffer.from(packed, 'base64');
}

/** The function wants text, and the message is none. */
export class NotTextError extends Error {
  override readonly name = 'NotTextError';
}

/**
 * The invocation of a queue function for this message.
 * @throws {NotTextError} when the bytes are not UTF-8 and the function wants text.
 */
export function queueInvocation(
  { name, triggerName, isBinary }: QueueFunction,
  message: QueueMessage,
  bytes: Buffer,
): Omit<InvocationRequest, 'invocationId'> {
  const data: TypedData = isBinary ? { bytes } : { string: textOf(bytes) };
  return {
    functionName: name,
    inputData: [{ name: triggerName, data }],
    triggerMetadata: triggerMetadata(message, data),
  };
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new NotTextError('The message is not UTF-8.');
  return bytes.toString('utf8');
}

/** Names are compared without case, so a key of the message takes the place of the built-in one. */
function triggerMetadata(message: QueueMessage, data: TypedData): Record<string, TypedData> {
  const metadata: Record<string, TypedData> = {
    ...(data.string !== undefined && { queueTrigger: data }),
    dequeueCount: { json: JSON.stringify(message.dequeueCount) },
    expirationTime: { string: isoSeconds(message.expiresOn) },
    insertionTime: { string: isoSeconds(message.insertedOn) },
    nextVisibleTime: { string: isoSeconds(message.nextVisibleOn) },
    id: { string: message.messageId },
    popReceipt: { string: message.popReceipt },
  };
  for (const [key, value] of Object.entries(objectOf(data.string))) {
    const known = Object.keys(metadata).find((name) => name.toLowerCase() === key.toLowerCase());
    const own = typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) };
    metadata[known ?? key] = own;
  }
  return metadata;
}

function objectOf(text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** As .NET writes a time: no fraction, an offset instead of Z. */
function isoSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}+00:00`;
}

/**
 * Message bodies as workflows see them (Microsoft Learn, "Handle content types in Azure Logic Apps"): JSON and plain text as
 * they are, anything else as `{ "$content-type", "$content" }`, Base64, which a later action sends on unchanged.
 */
import { isObject, type Value } from './expressions/value.ts';

export interface Content {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

export function valueOfContent(bytes: Uint8Array, contentType: string | null): Value {
  if (bytes.length === 0) return null;
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  const text = () => new TextDecoder().decode(bytes);
  if (mediaType === 'application/json') return JSON.parse(text());
  if (mediaType === 'text/plain') return text();
  return {
    '$content-type': contentType ?? 'application/octet-stream',
    $content: Buffer.from(bytes).toString('base64'),
  };
}

export function contentOfValue(value: Value): Content | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') return { bytes: Buffer.from(value), contentType: 'text/plain' };
  if (isObject(value) && typeof value.$content === 'string') {
    return { bytes: Buffer.from(value.$content, 'base64'), contentType: String(value['$content-type']) };
  }
  return { bytes: Buffer.from(JSON.stringify(value)), contentType: 'application/json' };
}

/** The text of a body, whatever its content type. */
export function textOfContent(value: Value): string {
  return Buffer.from(contentOfValue(value)?.bytes ?? []).toString();
}

/** The `Content-Disposition` header (RFC 6266), safe for any file name. */

/** @param fileName any text; path separators, quotes and control characters become `_` */
export function contentDisposition(type: 'inline' | 'attachment', fileName: string): string {
  // Cut first: half a character that is left is replaced then.
  const name = fileName.slice(0, 150).replaceAll(/[\p{Cc}\p{Cs}"\\/]/gu, '_');
  const ascii = name.replaceAll(/[^\x20-\x7e]/g, '_');
  const plain = `${type}; filename="${ascii}"`;
  if (ascii === name) return plain;
  // RFC 8187: encodeURIComponent leaves these four, which are not allowed there.
  const extended = encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `${plain}; filename*=UTF-8''${extended}`;
}

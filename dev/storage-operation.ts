/**
 * Names a storage request as the service's documentation does ('Put Block List'), so that what the proxy counted can be
 * read beside docs/design.md.
 */
import type { IncomingHttpHeaders } from 'node:http';

export type StorageService = 'blob' | 'queue';

/** By service, depth of the path below the account, method and `comp` (or what stands for it). */
const names: Readonly<Record<string, string>> = {
  'blob 0 GET list': 'List Containers',
  'blob 0 GET properties': 'Get Blob Service Properties',
  'blob 0 PUT properties': 'Set Blob Service Properties',
  'blob 0 POST userdelegationkey': 'Get User Delegation Key',
  'blob 1 PUT': 'Create Container',
  'blob 1 GET': 'Get Container Properties',
  'blob 1 HEAD': 'Get Container Properties',
  'blob 1 DELETE': 'Delete Container',
  'blob 1 GET list': 'List Blobs',
  'blob 2 PUT': 'Put Blob',
  'blob 2 PUT block': 'Put Block',
  'blob 2 PUT blocklist': 'Put Block List',
  'blob 2 GET blocklist': 'Get Block List',
  'blob 2 GET': 'Get Blob',
  'blob 2 HEAD': 'Get Blob Properties',
  'blob 2 PUT metadata': 'Set Blob Metadata',
  'blob 2 PUT properties': 'Set Blob Properties',
  'blob 2 PUT lease': 'Lease Blob',
  'blob 2 PUT copy': 'Copy Blob',
  'blob 2 DELETE': 'Delete Blob',
  'queue 0 GET list': 'List Queues',
  'queue 0 GET properties': 'Get Queue Service Properties',
  'queue 0 PUT properties': 'Set Queue Service Properties',
  'queue 1 PUT': 'Create Queue',
  'queue 1 DELETE': 'Delete Queue',
  'queue 1 GET metadata': 'Get Queue Metadata',
  'queue 1 HEAD metadata': 'Get Queue Metadata',
  'queue 1 PUT metadata': 'Set Queue Metadata',
  'queue 2 POST': 'Put Message',
  'queue 2 GET': 'Get Messages',
  'queue 2 GET peek': 'Peek Messages',
  'queue 2 DELETE': 'Clear Messages',
  'queue 3 PUT': 'Update Message',
  'queue 3 DELETE': 'Delete Message',
};

/**
 * @param path as sent, query included; the account is its first segment, as emulators have it.
 * @returns the documentation's name, for leases with the action: 'Lease Blob: renew'. What is not in the table keeps
 * the table's key for a name, so that it is counted and seen.
 */
export function operationName(
  service: StorageService,
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
): string {
  const { pathname, searchParams } = new URL(path, 'http://storage');
  const segments = pathname.split('/').filter(Boolean).length - 1;
  // A blob's name may hold slashes; all of it is one level.
  const depth = service === 'blob' ? Math.min(segments, 2) : segments;
  const isPeek = searchParams.get('peekonly') === 'true';
  const isCopy = headers['x-ms-copy-source'] !== undefined && headers['x-ms-blob-type'] === undefined;
  const component = searchParams.get('comp') ?? (isPeek ? 'peek' : isCopy ? 'copy' : '');

  const key = [service, depth, method, component].join(' ').trim();
  const name = names[key] ?? key;
  const action = headers['x-ms-lease-action'];
  return component === 'lease' ? `${name}: ${action}` : name;
}

import { expect, test } from '@jest/globals';
import { operationName } from '../../dev/storage-operation.ts';

test.each([
  ['blob', 'GET', '/account/jobs?restype=container&comp=list&include=metadata', 'List Blobs'],
  ['blob', 'GET', '/account/jobs/a/b/c?sv=2025&sr=b&sig=x%2Fy', 'Get Blob'],
  ['blob', 'PUT', '/account/jobs/ref?comp=block&blockid=AAAA', 'Put Block'],
  ['blob', 'POST', '/account/?restype=service&comp=userdelegationkey', 'Get User Delegation Key'],
  ['queue', 'GET', '/account/requests/messages?numofmessages=32', 'Get Messages'],
  ['queue', 'GET', '/account/requests/messages?peekonly=true', 'Peek Messages'],
  ['queue', 'DELETE', '/account/requests/messages/id?popreceipt=x', 'Delete Message'],
  ['queue', 'HEAD', '/account/requests?comp=metadata', 'Get Queue Metadata'],
] as const)('%s %s %s is %s', (service, method, path, name) => {
  expect(operationName(service, method, path, {})).toBe(name);
});

test('a lease is named with what is done to it', () => {
  const headers = { 'x-ms-lease-action': 'renew' };
  expect(operationName('blob', 'PUT', '/account/jobs/ref?comp=lease', headers)).toBe('Lease Blob: renew');
});

test('Copy Blob is told from Put Blob by its source', () => {
  const headers = { 'x-ms-copy-source': 'http://127.0.0.1/account/jobs/ref' };
  expect(operationName('blob', 'PUT', '/account/jobs/other', headers)).toBe('Copy Blob');
});

test('a request without a documented name here is still told apart', () => {
  expect(operationName('blob', 'PUT', '/account/jobs/ref?comp=tags', {})).toBe('blob 2 PUT tags');
});

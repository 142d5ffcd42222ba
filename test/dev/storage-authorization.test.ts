import { ManagedIdentityCredential } from '@azure/identity';
import {
  AccountSASPermissions,
  BlobSASPermissions,
  BlobServiceClient,
  generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../dev/azurite.ts';
import { signedBy } from '../../dev/storage-authorization.ts';
import { type StorageProxy, startStorageProxy } from '../../dev/storage-proxy.ts';
import { takeIdentity } from '../support/identity.ts';
import { trackProcess } from '../support/processes.ts';
import { describeWithTool } from '../support/tool.ts';

test.each([
  ['/account/jobs/ref', 'Bearer e30.e30.', 'token'],
  ['/account/jobs/ref', 'SharedKey account:c2ln', 'key'],
  ['/account/jobs/ref', 'SharedKeyLite account:c2ln', 'key'],
  ['/account/jobs/ref?sp=r&sig=c2ln', undefined, 'key'],
  ['/account/jobs/ref?sp=r&skoid=1&sig=c2ln', undefined, 'delegation'],
  ['/account/jobs/ref?comp=metadata', undefined, 'nobody'],
])('%s with Authorization %s: %s', (path, authorization, by) => {
  expect(signedBy(path, authorization === undefined ? {} : { authorization })).toBe(by);
});

describeWithTool('openssl', 'a storage proxy', () => {
  const retryOptions = { maxTries: 1 };
  const refused = { statusCode: 403, code: 'KeyBasedAuthenticationNotPermitted' };

  async function behindProxy(act: (proxy: StorageProxy, azurite: Azurite) => Promise<void>): Promise<void> {
    const azurite = await startAzurite({ tls: (await takeIdentity()).tls });
    await trackProcess(azurite.pid, 'Azurite over https');
    const proxy = await startStorageProxy(azurite);
    try {
      await act(proxy, azurite);
    } finally {
      await proxy.stop();
      await azurite.stop();
    }
  }

  test('before storage over https a key is refused, in a header and as a SAS, and a token is not', () =>
    behindProxy(async (proxy, azurite) => {
      const { connectionString } = proxy;
      const keyed = BlobServiceClient.fromConnectionString(connectionString, { retryOptions });
      await expect(keyed.getContainerClient('jobs').create()).rejects.toMatchObject(refused);
      const queues = QueueServiceClient.fromConnectionString(connectionString, { retryOptions });
      await expect(queues.createQueue('requests')).rejects.toMatchObject({ statusCode: 403 });
      const sas = keyed.generateAccountSasUrl(undefined, AccountSASPermissions.parse('rw'));
      const bySas = new BlobServiceClient(sas, undefined, { retryOptions });
      await expect(bySas.getProperties()).rejects.toMatchObject(refused);
      // Azurite itself would have taken them.
      await BlobServiceClient.fromConnectionString(azurite.connectionString).getProperties();

      const byToken = new BlobServiceClient(keyed.url, new ManagedIdentityCredential(), { retryOptions });
      const container = byToken.getContainerClient('jobs');
      await container.create();
      await container.getBlockBlobClient('reply').upload('reply', 5);
      const [startsOn, expiresOn] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
      const permissions = BlobSASPermissions.parse('r');
      const delegation = generateBlobSASQueryParameters(
        { containerName: 'jobs', blobName: 'reply', permissions, startsOn, expiresOn },
        await byToken.getUserDelegationKey(startsOn, expiresOn),
        byToken.accountName,
      );
      const response = await fetch(`${container.url}/reply?${delegation}`);
      expect(await response.text()).toBe('reply');
      expect(proxy.calls.map((call) => [call.signedBy, call.status])).toEqual([
        ['key', 403],
        ['key', 403],
        ['key', 403],
        ['token', 201],
        ['token', 201],
        ['token', 200],
        ['delegation', 200],
      ]);
    }));

  test('makes its faults over https too', () =>
    behindProxy(async (proxy) => {
      const { url } = BlobServiceClient.fromConnectionString(proxy.connectionString);
      const blobs = new BlobServiceClient(url, new ManagedIdentityCredential(), { retryOptions });
      for (const [fault, error] of [
        ['refuse', { statusCode: 503 }],
        ['reset', { code: 'ECONNRESET' }],
        ['lose-answer', { code: 'ECONNRESET' }],
      ] as const) {
        proxy.failNext('List Containers', fault);
        await expect(blobs.listContainers().next()).rejects.toMatchObject(error);
      }
      expect(await blobs.listContainers().next()).toMatchObject({ done: true });
    }));
});

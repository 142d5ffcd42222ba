/**
 * How an app under test is told where its storage is: by a connection string over http; over https, as in Azure, by a managed
 * identity. The app is the built one either way and knows nothing of the tests: its settings say how.
 */
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { startStorageProxy } from '../../dev/storage-proxy.ts';
import { takeIdentity } from './identity.ts';
import { CLIENT_ID } from './managed-identity.ts';
import { noteSecret } from './secrets.ts';
import { noteExchanges } from './seen-secrets.ts';

export interface AppStorage {
  /** App settings. */
  readonly settings: Readonly<Record<string, string>>;
  /** To be called once the app has ended. */
  leave(): unknown;
}

/** @param proxied the connection string of the test's own proxy before that storage, where there is one */
export async function appStorage(connectionString: string, proxied: string | undefined): Promise<AppStorage> {
  const given = proxied ?? connectionString;
  if (!isHttps(given)) return { settings: { AzureWebJobsStorage: given }, leave: () => undefined };
  if (proxied !== undefined) return { settings: await identitySettings(proxied), leave: () => undefined };
  // What takes no key, where Azurite does: an app that used one would not get far.
  const { blobs, queues } = servicesOf(connectionString);
  const { tls } = await takeIdentity();
  const proxy = await startStorageProxy({ blobPort: portOf(blobs.url), queuePort: portOf(queues.url), tls });
  const keyless = proxy.connectionStringOf({ name: blobs.accountName, key: 'none' });
  // Its tokens are seen here, and must not be in the app's log.
  const notes = [proxy.blobPort, proxy.queuePort].map(noteExchanges);
  const leave = async () => {
    await proxy.stop();
    for (const noteNoMore of notes) noteNoMore();
  };
  return { settings: await identitySettings(keyless), leave };
}

/** A connection string says where storage is, and nothing else of it goes into the settings. */
async function identitySettings(connectionString: string): Promise<Record<string, string>> {
  const { tls, settings } = await takeIdentity();
  const { blobs, queues } = servicesOf(connectionString);
  noteSecret('identity header', settings.IDENTITY_HEADER);
  return {
    ...settings,
    NODE_EXTRA_CA_CERTS: tls.certFile,
    // Not __accountName: that would be an account in Azure.
    JobStorage__blobServiceUri: blobs.url,
    JobStorage__queueServiceUri: queues.url,
    JobStorage__credential: 'managedidentity',
    JobStorage__clientId: CLIENT_ID,
  };
}

const isHttps = (connectionString: string) => connectionString.startsWith('DefaultEndpointsProtocol=https;');
const portOf = (url: string) => Number(new URL(url).port);

function servicesOf(connectionString: string) {
  return {
    blobs: BlobServiceClient.fromConnectionString(connectionString),
    queues: QueueServiceClient.fromConnectionString(connectionString),
  };
}

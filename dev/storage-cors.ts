/** What a browser needs of storage, as infra/ sets it in Azure: the app itself has no right to change it. */
import { BlobServiceClient } from '@azure/storage-blob';

/**
 * A browser follows the redirect to a reply, and uploads, from the app's origin to storage's. After a redirect it says
 * `Origin: null`, so any origin is let in: the SAS is the protection.
 */
export async function allowBrowsers(connectionString: string): Promise<void> {
  await BlobServiceClient.fromConnectionString(connectionString).setProperties({
    cors: [
      {
        allowedOrigins: '*',
        allowedMethods: 'GET,HEAD,PUT',
        allowedHeaders: '*',
        exposedHeaders: '*',
        maxAgeInSeconds: 3600,
      },
    ],
  });
}

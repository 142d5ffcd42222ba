/** Opens a queue by the name of a connection setting, as the Functions convention has it. */
import type { TokenCredential } from '@azure/identity';
import { QueueServiceClient, type StoragePipelineOptions } from '@azure/storage-queue';
import { SettingError } from '../host-json.ts';

/** As the .NET SDK has them, on which the real host runs. */
const pipeline: StoragePipelineOptions = {
  retryOptions: { maxTries: 4, retryDelayInMs: 800, maxRetryDelayInMs: 60_000 },
};

/**
 * Connects by `NAME` or `AzureWebJobsNAME` (a connection string), else by an identity: `NAME__queueServiceUri` or
 * `NAME__accountName`, with `NAME__credential` and `NAME__clientId`.
 * @throws {SettingError} naming the settings when none of them is there.
 */
export async function connectQueues(
  settings: Readonly<Record<string, string>>,
  name: string,
): Promise<QueueServiceClient> {
  for (const prefix of [`AzureWebJobs${name}`, name]) {
    const connectionString = settings[prefix];
    if (connectionString) return fromConnectionString(prefix, connectionString);
    const account = settings[`${prefix}__accountName`];
    const url =
      settings[`${prefix}__queueServiceUri`] ?? (account && `https://${account}.queue.core.windows.net`);
    if (url) return new QueueServiceClient(url, await credentialOf(settings, prefix), pipeline);
  }
  throw new SettingError(
    `The connection '${name}' is not set: set ${name} to a storage connection string, ` +
      `or ${name}__accountName or ${name}__queueServiceUri.`,
  );
}

function fromConnectionString(name: string, connectionString: string): QueueServiceClient {
  try {
    return QueueServiceClient.fromConnectionString(connectionString, pipeline);
  } catch (error) {
    throw new SettingError(`${name} is not a storage connection string: ${(error as Error).message}`);
  }
}

async function credentialOf(
  settings: Readonly<Record<string, string>>,
  prefix: string,
): Promise<TokenCredential> {
  // Loaded here because it is large and hardly anyone runs the local host with an identity.
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  const clientId = settings[`${prefix}__clientId`];
  const credential = settings[`${prefix}__credential`];
  if (credential === undefined) return new DefaultAzureCredential();
  if (credential.toLowerCase() !== 'managedidentity') {
    throw new SettingError(`${prefix}__credential is '${credential}'; it wants managedidentity.`);
  }
  return new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
}

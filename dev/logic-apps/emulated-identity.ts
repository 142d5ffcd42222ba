/** Azurite has no identities without TLS: an account SAS stands for the token that a workflow's managed identity would get. */
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import type { StorageAccount } from '../azurite.ts';
import type { Identity } from './http-action.ts';
import { UnknownBehaviour } from './unknown-behaviour.ts';

/** The audience of tokens for every storage account ("Authenticate access with managed identities"). */
const STORAGE_AUDIENCE = 'https://storage.azure.com/';

/** @returns an identity that throws UnknownBehaviour for any audience but storage. */
export function emulatedIdentity(account: StorageAccount): Identity {
  const sas = generateAccountSASQueryParameters(
    {
      startsOn: new Date(Date.now() - 3600_000),
      expiresOn: new Date(Date.now() + 24 * 3600_000),
      permissions: AccountSASPermissions.parse('rwdlacup'),
      services: AccountSASServices.parse('bq').toString(),
      resourceTypes: AccountSASResourceTypes.parse('co').toString(),
      protocol: SASProtocol.HttpsAndHttp,
    },
    new StorageSharedKeyCredential(account.name, account.key),
  ).toString();
  return (url, audience) => {
    if (audience !== STORAGE_AUDIENCE) throw new UnknownBehaviour(`an identity for ${audience}`);
    return new URL(`${url.href}${url.search === '' ? '?' : '&'}${sas}`);
  };
}

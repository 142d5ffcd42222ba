/** Which of the contract suite's hosts a test file runs on: by the folder it is in, else by the run. */
import { expect } from '@jest/globals';
import { type ContractHost, isContractHost } from '../contract/hosts.ts';

/** @throws {Error} where the run asks for a host that there is not. */
export function askedHost(): ContractHost {
  const folder = /[\\/]contract[\\/]on-(\w+)[\\/]/.exec(expect.getState().testPath ?? '')?.[1] ?? '';
  if (isContractHost(folder)) return folder;
  const { CONTRACT_HOST = 'local' } = process.env;
  if (isContractHost(CONTRACT_HOST)) return CONTRACT_HOST;
  throw new Error(`CONTRACT_HOST wants one of test/contract/hosts.ts, got ${JSON.stringify(CONTRACT_HOST)}`);
}

/** The certificate and the managed identity of the run, for files whose apps reach storage as in Azure: over https, without a key. */
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { askTestRun } from './ask-test-run.ts';
import type { TestIdentity } from './test-run.ts';

let taken: Promise<TestIdentity> | undefined;

/** The run's certificate and identity, which this process trusts and has from now on, as the host of an app in it must. */
export function takeIdentity(): Promise<TestIdentity> {
  taken ??= askTestRun('/identity').then((answer) => {
    const identity = answer as TestIdentity;
    const { certFile } = identity.tls;
    // NODE_EXTRA_CA_CERTS counts at a process's start alone, and this one has started.
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(certFile, 'utf8')]);
    Object.assign(process.env, identity.settings, { CURL_CA_BUNDLE: certFile });
    return identity;
  });
  return taken;
}

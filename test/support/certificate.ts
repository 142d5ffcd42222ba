/** A certificate for 127.0.0.1, made anew where a test needs one: none is kept, none runs out. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Node makes keys but no certificates, so this takes OpenSSL (or LibreSSL).
 * @param folder where the files go
 * @throws {Error} where there is no `openssl`
 */
export async function makeCertificate(folder: string): Promise<CertificateFiles> {
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const certificate = ['-x509', '-days', '2', '-subj', '/CN=a test run'];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const out = ['-keyout', files.keyFile, '-out', files.certFile];
  await promisify(execFile)('openssl', ['req', ...certificate, ...key, ...names, ...out]);
  return files;
}

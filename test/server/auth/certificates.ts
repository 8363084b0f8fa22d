import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate authority of our own in a folder, as openssl makes it. */
export interface Authority {
  /** PEM file of the authority itself. */
  readonly file: string;
  /** Makes a certificate for the name and its key: paths of PEM files. */
  issue(name: string, use?: 'server' | 'client'): { readonly certificate: string; readonly key: string };
}

export function makeAuthority(folder: string, name: string): Authority {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const path = (part: string): string => join(folder, `${name}-${part}`);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...curve, '-keyout', path('ca.key'), '-out', path('ca.pem'), '-days', '2', '-subj', `/CN=${name}`);
  let issued = 0;
  return {
    file: path('ca.pem'),
    issue(subject, use = 'server') {
      const at = (ending: string): string => path(`${subject}-${issued}.${ending}`);
      issued += 1;
      const [request, key, certificate, extensions] = [at('csr'), at('key'), at('pem'), at('ext')] as [string, string, string, string];
      openssl('req', ...curve, '-keyout', key, '-out', request, '-subj', `/CN=${subject}`);
      writeFileSync(extensions, `subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=${use}Auth\n`);
      const authority = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial'];
      openssl('x509', '-req', '-in', request, ...authority, '-out', certificate, '-days', '2', '-extfile', extensions);
      return { certificate, key };
    },
  };
}

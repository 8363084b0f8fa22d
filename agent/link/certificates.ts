import { readFileSync } from 'node:fs';
import type { TlsConfig } from '../../src/common/config/config.js';
import { CanopyError } from '../../src/common/errors.js';
import type { DialCertificates } from './webSocketDial.js';

/**
 * Reads what the agent trusts and shows, anew for each connection, so that new certificates need no restart; what cannot be read then is used as it was before.
 * `isAnalyzerHere`: it is in the same process, whatever its certificate says. Throws `CONFIG_INVALID` for a file that cannot be read at the start.
 */
export function openCertificates(tls: TlsConfig | undefined, isAnalyzerHere = false): () => DialCertificates {
  if (isAnalyzerHere) return () => ({ rejectUnauthorized: false });
  if (tls === undefined) return () => ({});
  if ((tls.clientCertificate === undefined) !== (tls.clientKey === undefined))
    throw new CanopyError('CONFIG_INVALID', 'tls.clientCertificate and tls.clientKey go together: one of them is missing');
  const read = (): DialCertificates => ({
    ...(tls.authorities !== undefined && { ca: readFileSync(tls.authorities) }),
    ...(tls.clientCertificate !== undefined && { cert: readFileSync(tls.clientCertificate) }),
    ...(tls.clientKey !== undefined && { key: readFileSync(tls.clientKey) }),
  });
  let latest: DialCertificates;
  try {
    latest = read();
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `tls: ${(cause as Error).message}`, { cause });
  }
  return () => {
    try {
      latest = read();
    } catch {
      // It is being replaced: the one before does for now.
    }
    return latest;
  };
}

import { createSecureContext, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { readFileSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../common/clock.js';
import type { TlsConfig } from '../../common/config/config.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';

/** Milliseconds between two looks at the files. */
const LOOK_EVERY_MS = 5_000;

/** The least version of TLS, for everybody. */
const MIN_VERSION = 'TLSv1.2';

/** What a server of TLS is made with; a client may show a certificate and need not. */
export interface TlsOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer | undefined;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: false;
  readonly minVersion: typeof MIN_VERSION;
}

/** Reads the certificate, its key and the authorities of agents; `undefined` where none is configured. Throws `CONFIG_INVALID` with the file. */
export function readCertificates({ certificate, key, clientAuthorities, requireClientCertificate }: TlsConfig): TlsOptions | undefined {
  if ((certificate === undefined) !== (key === undefined))
    throw new CanopyError('CONFIG_INVALID', 'tls.certificate and tls.key go together: one of them is missing');
  if (requireClientCertificate && clientAuthorities === undefined)
    throw new CanopyError('CONFIG_INVALID', 'tls.requireClientCertificate needs tls.clientAuthorities: whose certificates are meant?');
  if (certificate === undefined || key === undefined) {
    if (clientAuthorities !== undefined) throw new CanopyError('CONFIG_INVALID', 'tls.clientAuthorities needs tls.certificate and tls.key');
    return undefined;
  }
  const ca = clientAuthorities === undefined ? undefined : read(clientAuthorities);
  const options = {
    cert: read(certificate),
    key: read(key),
    ca,
    requestCert: ca !== undefined,
    rejectUnauthorized: false,
    minVersion: MIN_VERSION,
  } as const;
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `tls: ${certificate} and ${key} cannot be used together: ${(cause as Error).message}`, {
      cause,
    });
  }
  return options;
}

/**
 * Gives a server its certificate anew when a file has changed; connections that stand go on with the one before. What does not fit together is left alone until
 * it does: files change one after the other. Returns what stops it.
 */
export function followCertificates(
  server: Pick<TlsServer, 'setSecureContext'>,
  config: TlsConfig,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): () => void {
  const files = [config.certificate, config.key, config.clientAuthorities].filter((file) => file !== undefined);
  let inForce = versionsOf(files);
  let refused: string | undefined;
  return clock.every(LOOK_EVERY_MS, () => {
    const versions = versionsOf(files);
    if (versions === inForce || versions === refused) return;
    try {
      server.setSecureContext(readCertificates(config)!);
      inForce = versions;
      log.info({ files }, 'the certificate was read anew');
    } catch (error) {
      refused = versions;
      log.error({ error: (error as Error).message }, 'the new certificate cannot be used; the one before stays in force');
    }
  });
}

/** Who shows a certificate of an authority of ours, by its subject's common name; `undefined` for nobody. */
export function certifiedName({ socket }: Pick<IncomingMessage, 'socket'>): string | undefined {
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>;
  if (authorized !== true || getPeerCertificate === undefined) return undefined;
  const name: unknown = getPeerCertificate.call(socket as TLSSocket).subject?.CN;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

const versionsOf = (files: readonly string[]): string =>
  files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
      return stat === undefined ? '-' : `${stat.ino}.${stat.mtimeNs}.${stat.size}`;
    })
    .join();

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `tls: cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

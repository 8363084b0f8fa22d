import { readFileSync } from 'node:fs';
import type { IOptions } from 'etcd3';
import type { RegistryConfig } from '../../common/config/config.js';
import { readPassword } from '../../common/config/tokens.js';
import { CanopyError } from '../../common/errors.js';

/** How etcd is convinced to let us in, and how we know that it is etcd. */
export type EtcdAccess = Pick<IOptions, 'credentials' | 'auth'>;

type Configured = Pick<RegistryConfig['etcd'], 'endpoints' | 'user' | 'password' | 'ca' | 'cert' | 'key'>;

/** Reads the files that the configuration names. Throws `CONFIG_INVALID` for what does not fit together or cannot be read. */
export function readAccess({ endpoints, user, password, ca, cert, key }: Configured): EtcdAccess {
  const secure = endpoints.filter((endpoint) => endpoint.startsWith('https:')).length;
  if (secure !== 0 && secure !== endpoints.length) throw invalid('registry.etcd.endpoints: either all are https or none');
  if (secure === 0 && (ca ?? cert ?? key) !== undefined)
    throw invalid('registry.etcd.ca, cert and key are for https, and registry.etcd.endpoints are http');
  if ((cert === undefined) !== (key === undefined)) throw invalid('registry.etcd.cert and registry.etcd.key belong together');
  if (password !== undefined && user === undefined) throw invalid('registry.etcd.password needs registry.etcd.user');
  return {
    ...((ca ?? cert) !== undefined && {
      credentials: {
        // The client's types want one; without, those of the system are trusted.
        rootCertificate: readPem(ca, 'ca') as Buffer,
        privateKey: readPem(key, 'key'),
        certChain: readPem(cert, 'cert'),
      },
    }),
    ...(user !== undefined && { auth: { username: user, password: readPassword(password) ?? '' } }),
  };
}

function readPem(path: string | undefined, key: string): Buffer | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path);
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `cannot read registry.etcd.${key}: ${(cause as Error).message}`, { cause });
  }
}

const invalid = (message: string): CanopyError => new CanopyError('CONFIG_INVALID', message);

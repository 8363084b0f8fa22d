import { isLoopback } from '../../common/config/listen.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';

/** Refuses to serve where others can reach us and nobody is asked for a token, unless told to. Throws `CONFIG_INVALID`. */
export function checkAddress(host: string, isOpen: boolean, insecure: boolean, log: Log): void {
  if (isLoopback(host) || !isOpen) return;
  if (!insecure) {
    throw new CanopyError(
      'CONFIG_INVALID',
      `refusing to listen on ${host}: others could reach it and no tokens are configured. Configure tokens (tokens.readers, tokens.writers, tokens.agents), listen on 127.0.0.1, or pass --insecure`,
      { details: { listen: host } },
    );
  }
  log.warn({ listen: host }, 'listening without any authentication: everybody who reaches this address may read and change the topology');
}

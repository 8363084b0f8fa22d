import { isIP } from 'node:net';
import { CanopyError } from '../errors.js';

export interface ListenAddress {
  /** Name or address, without brackets. */
  readonly host: string;
  /** 0 to 65535; 0 picks a free one. */
  readonly port: number;
}

/** Takes `HOST:PORT`, `[IPV6]:PORT` or `:PORT` (loopback) apart. Throws `CONFIG_INVALID`. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535 || (match?.[1] !== undefined && isIP(host) !== 6)) {
    throw new CanopyError(
      'CONFIG_INVALID',
      `'${text}' is not an address to listen on: write HOST:PORT, such as 127.0.0.1:8082 or [::1]:8082`,
    );
  }
  return { host: host === '' ? '127.0.0.1' : host, port };
}

/** `HOST:PORT` with brackets around an IPv6 address: the part of a URL after `http://`. */
export const formatListen = ({ host, port }: ListenAddress): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** Whether only this machine can reach the address: 127.0.0.0/8, ::1 and `localhost`. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** An analyzer or a target whose traffic with this agent is left out of captures: it would grow by being captured. */
export interface Peer {
  readonly address: string;
  /** 0 for all ports. */
  readonly port: number;
}

/** Addresses and port of a URL; none when its name leads nowhere now. */
export async function peersOf(url: string): Promise<readonly Peer[]> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  if (isIP(host) !== 0) return [{ address: host, port: number }];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => ({ address, port: number }));
  } catch {
    return [];
  }
}

/** `HOST:PORT` or `[HOST]:PORT` with an address; `undefined` for anything else. */
export function readPeer(text: string): Peer | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? 0);
  return address === undefined || isIP(address) === 0 || port > 65_535 ? undefined : { address, port };
}

/** The capture's filter without the traffic of these (flows.md §4.4). */
export function withoutPeers(filter: string, peers: readonly Peer[]): string {
  const parts = peers.map(({ address, port }) => `not (host ${address}${port === 0 ? '' : ` and port ${port}`})`);
  if (parts.length === 0) return filter;
  return [...(filter.trim() === '' ? [] : [`(${filter})`]), ...parts].join(' and ');
}

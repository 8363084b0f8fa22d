import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isLoopback } from '../../src/common/config/listen.js';

/** An analyzer, an etcd or a target whose traffic is left out of captures: it would grow by being captured. */
export interface Peer {
  readonly address: string;
  /** 0 for all ports. */
  readonly port: number;
}

/** Addresses of this host that are left out, where the analyzer is on it: a filter has an end. */
const MOST_OWN = 64;
/** Of etcd, where its URL names none. */
const ETCD_PORT = 2379;

/** Whose traffic is Canopy's own on this host: the analyzer's, with agents elsewhere too where it is on this host, and that of its etcd. */
export async function ownPeers(analyzer: string, etcd: readonly string[]): Promise<readonly Peer[]> {
  const [analyzers, ...etcds] = await Promise.all([
    peersOf(analyzer),
    ...etcd.map((url) => peersOf(url.includes('://') ? url : `http://${url}`, ETCD_PORT)),
  ]);
  const here = analyzers.find(({ address }) => isLoopback(address));
  const own = here === undefined ? [] : ownAddresses().map((address) => ({ address, port: here.port }));
  return [...analyzers, ...own, ...etcds.flat()];
}

/** Those of this host that others can reach. */
const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses.filter(({ internal }) => !internal).map(({ address }) => address))
    .slice(0, MOST_OWN);

/** Addresses and port of a URL; none when its name leads nowhere now. */
async function peersOf(url: string, usualPort?: number): Promise<readonly Peer[]> {
  // One that is no URL is told of where it is used.
  if (!URL.canParse(url)) return [];
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const number = port === '' ? (usualPort ?? (protocol === 'https:' ? 443 : 80)) : Number(port);
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

/** The capture's filter without the traffic of these (flows.md §4.4), whose part comes first: what stands behind `vlan` is about what is inside of tagged frames. */
export function withoutPeers(filter: string, peers: readonly Peer[]): string {
  if (peers.length === 0) return filter;
  const hosts = new Map<number, Set<string>>();
  for (const { address, port } of peers) hosts.set(port, (hosts.get(port) ?? new Set()).add(`host ${address}`));
  const parts = [...hosts].map(([port, names]) => {
    const any = [...names].join(' or ');
    return port === 0 ? `not (${any})` : `not (port ${port} and (${any}))`;
  });
  return [...parts, ...(filter.trim() === '' ? [] : [`(${filter})`])].join(' and ');
}

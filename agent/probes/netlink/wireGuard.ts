import type { Json, JsonObject } from '../../../src/common/json.js';
import { jsonEqual } from '../../../src/graph/jsonCompare.js';
import type { WireGuardDevice, WireGuardPeer } from '../../linux/netlink/wireguard.js';
import type { GraphWriter, NodeToWrite } from '../kit/graphWriter.js';
import { hiddenWith, type Link } from './link.js';
import { MOST_ROWS } from './linkTable.js';

const KIND = 'wireguard';
/** The table of peers, by their public keys. */
const TABLE = 'WireGuardPeers';

export interface WireGuardLinksOptions {
  readonly graph: GraphWriter;
  /** What the device is now, `undefined` when it is gone; asks the kernel, and throws what it says. */
  readonly read: (link: Link) => WireGuardDevice | undefined;
  /** `WireGuard` of the link, or what is hidden of it, is another one now. */
  readonly write: (link: Link) => void;
}

interface Known {
  readonly rows: Map<string, JsonObject>;
  readonly measured: Map<string, Json>;
}

/** Keys, ports, peers and traffic of WireGuard, of which the kernel tells when it is asked only. Secret keys never get as far as here. */
export class WireGuardLinks {
  private readonly links = new Map<Link, Known>();
  /** Why the last look at a device failed. */
  problem: string | undefined;

  constructor(private readonly options: WireGuardLinksOptions) {}

  /** The link is there, or is elsewhere: sets what is known of it, and answers its peers as a table of its node. */
  appeared(link: Link): NonNullable<NodeToWrite['tables']> {
    if (link.message.info.kind !== KIND) return {};
    const known: Known = { rows: new Map(), measured: this.links.get(link)?.measured ?? new Map() };
    this.links.set(link, known);
    const device = this.read(link);
    if (device !== undefined) {
      this.setDevice(link, device);
      for (const peer of shownPeers(device)) known.rows.set(peer.publicKey, peerRow(peer));
    }
    return { [TABLE]: Object.fromEntries(known.rows) };
  }

  /** The kernel told of the link: its device may have changed with it. */
  changed(link: Link): void {
    if (this.links.has(link)) this.readLink(link, false);
  }

  gone(link: Link): void {
    this.links.delete(link);
  }

  /** Looks at all of them again, at their traffic too if that is wanted. */
  readAgain(withCounters: boolean): void {
    this.problem = undefined;
    for (const link of this.links.keys()) this.readLink(link, withCounters);
  }

  private readLink(link: Link, withCounters: boolean): void {
    const device = this.read(link);
    if (device === undefined) return;
    if (this.setDevice(link, device)) this.options.write(link);
    const known = this.links.get(link)!;
    const peers = shownPeers(device);
    this.writeRows(link, known, peers);
    if (withCounters) this.writeMeasured(link, known, peers);
  }

  private read(link: Link): WireGuardDevice | undefined {
    try {
      return this.options.read(link);
    } catch (error) {
      this.problem = `cannot read ${link.message.name} of ${link.namespace.namespace.path}: ${error instanceof Error ? error.message : String(error)}`;
      return undefined;
    }
  }

  /** Whether this is anything new. */
  private setDevice(link: Link, device: WireGuardDevice): boolean {
    const metadata = deviceMetadata(device);
    const hidden = device.peers.length > MOST_ROWS ? device.peers.length : undefined;
    if (jsonEqual(link.wireGuard, metadata) && link.hidden[TABLE] === hidden) return false;
    link.wireGuard = metadata;
    link.hidden = hiddenWith(link, TABLE, hidden);
    return true;
  }

  private writeRows(link: Link, { rows, measured }: Known, peers: readonly WireGuardPeer[]): void {
    const put: [string, JsonObject][] = [];
    const left = new Set(rows.keys());
    for (const peer of peers) {
      left.delete(peer.publicKey);
      const row = peerRow(peer);
      const before = rows.get(peer.publicKey);
      if (before !== undefined && jsonEqual(before, row)) continue;
      rows.set(peer.publicKey, row);
      put.push([peer.publicKey, row]);
    }
    for (const key of left) {
      rows.delete(key);
      for (const name of MEASURED) measured.delete(pathOf(key, name));
    }
    if (put.length > 0 || left.size > 0) this.options.graph.changeRows(link.id, TABLE, put, [...left]);
  }

  private writeMeasured(link: Link, { measured }: Known, peers: readonly WireGuardPeer[]): void {
    const values: [string, Json][] = [];
    for (const peer of peers) {
      const now = { LastHandshake: peer.lastHandshake, RxBytes: peer.rxBytes, TxBytes: peer.txBytes };
      for (const name of MEASURED) {
        const path = pathOf(peer.publicKey, name);
        if ((measured.get(path) ?? 0) === now[name]) continue;
        measured.set(path, now[name]);
        values.push([path, now[name]]);
      }
    }
    if (values.length > 0) this.options.graph.measure(link.id, values);
  }
}

const shownPeers = ({ peers }: WireGuardDevice): readonly WireGuardPeer[] => (peers.length > MOST_ROWS ? peers.slice(0, MOST_ROWS) : peers);

/** What is measured of a peer, laid over its row; zeros are left out until there is something. */
const MEASURED = ['LastHandshake', 'RxBytes', 'TxBytes'] as const;

/** Keys are base64: no dot is in them. */
const pathOf = (publicKey: string, name: string): string => `${TABLE}.${publicKey}.${name}`;

function deviceMetadata({ publicKey, listenPort, fwmark }: WireGuardDevice): JsonObject {
  const metadata: Record<string, Json> = {};
  if (publicKey !== undefined) metadata.PublicKey = publicKey;
  if (listenPort !== 0) metadata.ListenPort = listenPort;
  if (fwmark !== 0) metadata.FwMark = fwmark;
  return metadata;
}

function peerRow({ publicKey, endpoint, allowedIPs, allowedIPCount, keepalive }: WireGuardPeer): JsonObject {
  const row: Record<string, Json> = { PublicKey: publicKey, AllowedIPs: allowedIPs };
  if (endpoint !== undefined) row.Endpoint = endpoint;
  if (keepalive !== 0) row.PersistentKeepalive = keepalive;
  if (allowedIPCount > allowedIPs.length) row.AllowedIPCount = allowedIPCount;
  return row;
}

import type { ElementId } from '../../../src/graph/element.js';
import { LINUX } from '../../linux/abi.js';
import { inNamespace, withNamespace } from '../../linux/namespace.js';
import { addressHeader, decodeAddress, type AddressMessage } from '../../linux/netlink/address.js';
import { decodeLink, dumpLinks, linkHeader, withoutStatistics, withVirtualFunctions, type LinkMessage } from '../../linux/netlink/link.js';
import { openGenericRequests } from '../../linux/netlink/generic.js';
import { decodeNsId, nsIdHeader, nsIdOfDescriptor } from '../../linux/netlink/nsid.js';
import { RouteRequests } from '../../linux/netlink/requests.js';
import { openRouteSocket, type RouteSocketOptions } from '../../linux/netlink/socket.js';
import { decodeVirtualFunctions, type VirtualFunction } from '../../linux/netlink/virtualFunction.js';
import { readWireGuard, type WireGuardDevice } from '../../linux/netlink/wireguard.js';
import { countersHeader, decodeLinkCounters, type LinkCounters } from '../../linux/netlink/stats64.js';
import type { SocketGroup } from '../../linux/socketWatcher.js';
import { sys } from '../../linux/syscall.js';
import type { NetworkNamespace } from '../kit/namespaces.js';
import type { Link } from './link.js';
import { TABLE_GROUPS, type NamespaceTables } from './namespaceTables.js';

/** Bytes that the kernel may keep for us. The host's own namespace is where storms are; there may be thousands of others. */
const HOST_RECEIVE_BUFFER = 4 * 1024 * 1024;
const OTHER_RECEIVE_BUFFER = 256 * 1024;
/** For answers: one piece of a dump at a time. */
const REQUEST_RECEIVE_BUFFER = 256 * 1024;

const EVENT_GROUPS = [LINUX.RTNLGRP_LINK, LINUX.RTNLGRP_IPV4_IFADDR, LINUX.RTNLGRP_IPV6_IFADDR, LINUX.RTNLGRP_NSID];

/** One namespace under watch: its three sockets, its links, its tables, and what its numbers for other namespaces mean. */
export class WatchedNamespace {
  readonly links = new Map<number, Link>();
  /** Links by the index of their master and of their parent, whether that one is known or not. */
  readonly dependants = new Map<number, Set<Link>>();
  /** Indexes of links that were taken over by another namespace before their own removal was heard. */
  readonly leaving = new Set<number>();
  /** What a number of this namespace stands for: the key of a namespace. */
  private readonly keysByNsId = new Map<number, string>();
  /** Keys of namespaces that were asked about, with or without an answer. */
  private readonly asked = new Set<string>();
  /** Numbers that stood for none of those that were asked about. */
  private readonly foreign = new Set<number>();

  private constructor(
    public namespace: NetworkNamespace,
    readonly requests: RouteRequests,
    readonly tables: NamespaceTables,
    readonly eventSocket: number,
    /** Events of routes, neighbours and forwarding entries: links never wait behind them. */
    readonly tableSocket: number,
    private readonly sockets: SocketGroup,
  ) {}

  /** Enters the namespace, opens its three sockets in it, and subscribes. Events queue up from here on. */
  static open(namespace: NetworkNamespace, sockets: SocketGroup, tablesOf: (requests: RouteRequests) => NamespaceTables): WatchedNamespace {
    const receiveBufferBytes = namespace.isOwn ? HOST_RECEIVE_BUFFER : OTHER_RECEIVE_BUFFER;
    const openAll = (): number[] =>
      openSockets([
        { groups: EVENT_GROUPS, receiveBufferBytes },
        { groups: TABLE_GROUPS, receiveBufferBytes },
        { groups: [], receiveBufferBytes: REQUEST_RECEIVE_BUFFER },
      ]);
    const opened = within(namespace, openAll);
    const [events, tableEvents, request] = opened as [number, number, number];
    const requests = new RouteRequests(request);
    return new WatchedNamespace(
      namespace,
      requests,
      tablesOf(requests),
      sockets.watch(events),
      sockets.watch(tableEvents, 'storm'),
      sockets,
    );
  }

  get key(): string {
    return this.namespace.key;
  }

  get root(): ElementId {
    return this.namespace.root;
  }

  close(): void {
    this.tables.close();
    this.sockets.close(this.eventSocket);
    this.sockets.close(this.tableSocket);
    this.requests.close();
  }

  dumpLinks(): LinkMessage[] {
    return dumpLinks(this.requests);
  }

  readLink(ifIndex: number): LinkMessage | undefined {
    const answer = this.requests.get({ type: LINUX.RTM_GETLINK, header: linkHeader(ifIndex), attributes: [withoutStatistics] });
    return answer === undefined ? undefined : decodeLink(answer.body);
  }

  /** Virtual functions of a link, as it set them up; none where it has none. */
  readVirtualFunctions(ifIndex: number): readonly VirtualFunction[] {
    const answer = this.requests.get({ type: LINUX.RTM_GETLINK, header: linkHeader(ifIndex), attributes: [withVirtualFunctions] });
    return answer === undefined ? [] : decodeVirtualFunctions(answer.body);
  }

  /** What a device of WireGuard is; `undefined` when it is gone. Throws what the kernel says. */
  readWireGuard(name: string): WireGuardDevice | undefined {
    // Opened for each reading: few namespaces have such a device.
    const requests = within(this.namespace, openGenericRequests);
    try {
      return readWireGuard(requests, name);
    } finally {
      this.requests.malformed += requests.malformed;
      requests.close();
    }
  }

  dumpAddresses(): AddressMessage[] {
    return this.requests.dump({ type: LINUX.RTM_GETADDR, header: addressHeader() }, ({ body }) => decodeAddress(body));
  }

  dumpCounters(): LinkCounters[] {
    return this.requests.dump({ type: LINUX.RTM_GETSTATS, header: countersHeader() }, ({ body }) => decodeLinkCounters(body));
  }

  /**
   * Which namespace this one's number stands for, among the candidates; `undefined` when it is none of them. The kernel only answers the
   * other way round, so each candidate is asked about once, until numbers change.
   */
  namespaceOf(nsId: number, candidates: Iterable<WatchedNamespace>): string | undefined {
    const known = this.keysByNsId.get(nsId);
    if (known !== undefined) return known;
    // A number that was not heard of: one of those that had none may have it now.
    if (!this.foreign.has(nsId)) this.askAgain();
    for (const candidate of candidates) {
      if (candidate === this || this.asked.has(candidate.key)) continue;
      this.asked.add(candidate.key);
      const answer = this.nsIdOf(candidate.namespace);
      if (answer === undefined) continue;
      this.keysByNsId.set(answer, candidate.key);
      if (answer === nsId) return candidate.key;
    }
    this.foreign.add(nsId);
    return undefined;
  }

  private nsIdOf({ path }: NetworkNamespace): number | undefined {
    try {
      return withNamespace(path, ({ fd }) => {
        const answer = this.requests.get({ type: LINUX.RTM_GETNSID, header: nsIdHeader(), attributes: [nsIdOfDescriptor(fd)] });
        return answer === undefined ? undefined : decodeNsId(answer.body);
      });
    } catch {
      // It went away meanwhile, or may not be opened: then it is none that we can name.
      return undefined;
    }
  }

  /** A number was given or taken away: what was asked before may have another answer. */
  numbersChanged(nsId: number | undefined): void {
    if (nsId === undefined) this.keysByNsId.clear();
    else this.keysByNsId.delete(nsId);
    this.foreign.clear();
    this.askAgain();
  }

  private askAgain(): void {
    this.asked.clear();
    for (const key of this.keysByNsId.values()) this.asked.add(key);
  }

  /** The namespace is watched no more: its number may come back for another one. */
  forgetNamespace(key: string): void {
    this.asked.delete(key);
    for (const [nsId, known] of this.keysByNsId) if (known === key) this.keysByNsId.delete(nsId);
  }
}

/** Does it inside of the namespace. The own one needs no entering, and so no rights. */
const within = <Result>({ isOwn, path }: NetworkNamespace, open: () => Result): Result =>
  isOwn ? open() : withNamespace(path, ({ fd }) => inNamespace(fd, open));

/** All or none. */
function openSockets(wanted: readonly RouteSocketOptions[]): number[] {
  const opened: number[] = [];
  try {
    for (const options of wanted) opened.push(openRouteSocket(options));
    return opened;
  } catch (error) {
    for (const fd of opened) sys.close(fd);
    throw error;
  }
}

import type { Clock } from '../../../src/common/clock.js';
import { LINUX } from '../../linux/abi.js';
import { readDriver, readSpeed } from '../../linux/ethtool.js';
import { readFeatures } from '../../linux/features.js';
import type { AddressMessage } from '../../linux/netlink/address.js';
import type { LinkMessage } from '../../linux/netlink/link.js';
import type { GraphWriter, NodeToWrite } from '../kit/graphWriter.js';
import { addressesByIndex, inFamilies } from './addresses.js';
import type { InterfaceIdentities } from './interfaceIdentities.js';
import { linkMetadata, type Link } from './link.js';
import { addDependant, dropDependant } from './dependants.js';
import { HOLD, Moves } from './moves.js';
import { isEndOfPair } from './names.js';
import { Relations } from './relations.js';
import { VirtualFunctions } from './virtualFunctions.js';
import { WireGuardLinks } from './wireGuard.js';
import type { WatchedNamespace } from './watchedNamespace.js';

/** One decoded event, in the order in which the kernel said it. */
export type LinkEvent =
  | { readonly op: 'newLink' | 'delLink'; readonly namespace: WatchedNamespace; readonly message: LinkMessage }
  | { readonly op: 'newAddress' | 'delAddress'; readonly namespace: WatchedNamespace; readonly address: AddressMessage }
  | { readonly op: 'numbers'; readonly namespace: WatchedNamespace; readonly nsId: number | undefined };

/** Keeps the links of all watched namespaces as the kernel has them, and writes what changes. */
export class LinkKeeper {
  readonly namespaces = new Map<string, WatchedNamespace>();
  private readonly moves: Moves;
  private readonly relations: Relations;
  private readonly virtualFunctions: VirtualFunctions;
  private readonly wireGuard: WireGuardLinks;
  /** Departures for other namespaces among the events that are worked on: the arrival may come before its departure. */
  private departures: readonly LinkEvent[] = [];

  constructor(
    private readonly graph: GraphWriter,
    private readonly identities: InterfaceIdentities,
    private readonly clock: Clock,
  ) {
    const resolve = (from: WatchedNamespace, nsId: number): WatchedNamespace | undefined => this.resolve(from, nsId);
    this.moves = new Moves(clock, resolve);
    this.relations = new Relations({ graph, resolve, refresh: (link) => this.refresh(link) });
    this.virtualFunctions = new VirtualFunctions({
      graph,
      read: ({ namespace, message }) => namespace.readVirtualFunctions(message.ifIndex),
      write: (link) => this.write(link),
    });
    this.wireGuard = new WireGuardLinks({
      graph,
      read: ({ namespace, message }) => namespace.readWireGuard(message.name),
      write: (link) => this.write(link),
    });
  }

  /** What could not be seen at the last look, and why. */
  get problem(): string | undefined {
    return this.wireGuard.problem;
  }

  /** Reads what is in the namespace now, and watches it from here on. */
  add(namespace: WatchedNamespace): void {
    this.namespaces.set(namespace.key, namespace);
    this.graph.batch(() => {
      this.readAgain(namespace, false);
      this.retry();
    });
  }

  /** Its name is another one now. */
  renamed(namespace: WatchedNamespace): void {
    this.graph.batch(() => {
      for (const other of this.namespaces.values()) {
        for (const link of other.links.values()) if (other === namespace || link.message.parentNsId !== undefined) this.write(link);
      }
    });
  }

  /** The namespace is watched no more: its interfaces go, and nothing is left that knows its numbers. */
  remove(namespace: WatchedNamespace): void {
    this.namespaces.delete(namespace.key);
    this.graph.batch(() => {
      for (const other of this.namespaces.values()) other.forgetNamespace(namespace.key);
      for (const link of [...namespace.links.values()]) {
        const peer = this.relations.peerOf(link);
        this.forget(link);
        if (peer !== undefined && peer.namespace !== namespace) this.changed(peer);
      }
    });
    this.identities.forgetNamespace(namespace.key);
  }

  /** Applies what was heard, in order. */
  apply(events: readonly LinkEvent[]): void {
    this.graph.batch(() => {
      this.departures = events.filter((event) => event.op === 'delLink' && event.message.movedToNsId !== undefined);
      for (const event of events) this.applyOne(event);
      this.departures = [];
    });
  }

  /** Dumps the namespace and makes ours agree: at the start, and when events were lost. */
  readAgain(namespace: WatchedNamespace, isKnown: boolean): void {
    this.graph.batch(() => {
      namespace.tables.linksChanged();
      const links = namespace.dumpLinks();
      const addresses = addressesByIndex(namespace.dumpAddresses());
      const indexes = new Set(links.map(({ ifIndex }) => ifIndex));
      for (const link of [...namespace.links.values()]) if (!indexes.has(link.message.ifIndex)) this.forget(link);
      namespace.leaving.clear();
      if (isKnown) namespace.numbersChanged(undefined);
      for (const message of links) {
        const own = addresses.get(message.ifIndex) ?? [];
        const known = namespace.links.get(message.ifIndex);
        if (known !== undefined) Object.assign(known, inFamilies(own));
        this.newLink(namespace, message, isKnown, own);
      }
    });
  }

  /** Looks at what changes without an event. */
  tick(): void {
    this.graph.batch(() => {
      this.virtualFunctions.readAgain();
      this.wireGuard.readAgain(false);
    });
  }

  /** Looks at counters that only kinds of their own have. */
  readCounters(): void {
    this.wireGuard.readAgain(true);
  }

  /** Lets go of timers. */
  stop(): void {
    this.moves.stop();
  }

  private applyOne(event: LinkEvent): void {
    const { namespace } = event;
    // Closed while the event was on its way.
    if (this.namespaces.get(namespace.key) !== namespace) return;
    namespace.tables.linksChanged();
    switch (event.op) {
      case 'newLink':
        return this.newLink(namespace, event.message, true);
      case 'delLink':
        return this.delLink(namespace, event.message);
      case 'newAddress':
      case 'delAddress':
        return this.address(namespace, event.address, event.op === 'newAddress');
      case 'numbers':
        namespace.numbersChanged(event.nsId);
        return this.retry();
    }
  }

  private newLink(namespace: WatchedNamespace, message: LinkMessage, isNew: boolean, addresses: readonly AddressMessage[] = []): void {
    // Other families tell of a part only (a bridge of its port) and would make a link lose the rest.
    if (message.family !== LINUX.AF_UNSPEC || namespace.leaving.has(message.ifIndex)) return;
    const known = namespace.links.get(message.ifIndex);
    if (known !== undefined && isSameDevice(known.message, message)) return this.update(known, message);
    if (known !== undefined) this.forget(known);
    const arriving = this.moves.take(namespace, message.ifIndex, message.info.kind) ?? this.takeAnnounced(namespace, message);
    if (arriving !== undefined) return this.settle(arriving, namespace, message, addresses);
    const identity = this.identities.of(namespace.key, message, isNew || known !== undefined);
    const link: Link = {
      ...identity,
      namespace,
      message: this.completed(namespace, message),
      driver: undefined,
      features: undefined,
      speed: undefined,
      virtualFunctions: undefined,
      virtualFunctionId: undefined,
      ...inFamilies(addresses),
      appearedAt: isNew ? this.clock.now() : undefined,
      counters: undefined,
      countersAt: 0,
      wireGuard: undefined,
      hidden: {},
      edges: new Set(),
    };
    askDriver(link);
    this.place(link);
  }

  /** The kernel tells of the first end of a pair before there is a second one, and not again. */
  private completed(namespace: WatchedNamespace, message: LinkMessage): LinkMessage {
    if (!isEndOfPair(message.info.kind ?? '') || message.parentIndex !== 0) return message;
    const now = namespace.readLink(message.ifIndex);
    return now !== undefined && isSameDevice(message, now) ? now : message;
  }

  private update(link: Link, message: LinkMessage): void {
    const before = link.message;
    dropDependant(link);
    link.message = message;
    addDependant(link);
    if (before.name !== message.name) askDriver(link);
    else {
      if (before.operState !== message.operState || before.flags !== message.flags) {
        link.speed = readSpeed(link.namespace.requests.fd, message.name);
      }
      // Also what says nothing new: then it is features that changed.
      readFeaturesOf(link);
    }
    if ((before.flags & LINUX.IFF_UP) > (message.flags & LINUX.IFF_UP)) link.namespace.tables.linkDown(message.ifIndex);
    this.changed(link);
  }

  private delLink(namespace: WatchedNamespace, message: LinkMessage): void {
    // A port that leaves its bridge is "deleted" in the bridge's family; the link itself follows in its own.
    if (message.family !== LINUX.AF_UNSPEC || namespace.leaving.delete(message.ifIndex)) return;
    const link = namespace.links.get(message.ifIndex);
    if (link === undefined) return;
    const { movedToNsId: nsId, movedToIfIndex } = message;
    if (nsId === undefined) return this.forget(link);
    const ifIndex = movedToIfIndex ?? message.ifIndex;
    const newcomer = this.resolve(namespace, nsId)?.links.get(ifIndex);
    this.lift(link);
    if (newcomer !== undefined && this.isTheSame(link, newcomer)) return this.replace(newcomer, link);
    this.moves.hold(link, namespace, nsId, ifIndex, () => this.lost(link));
  }

  /** Whether what appeared there a moment ago is the link that left here: then the other side's event came first. */
  private isTheSame(link: Link, newcomer: Link): boolean {
    return (
      newcomer.appearedAt !== undefined &&
      this.clock.now() - newcomer.appearedAt < HOLD &&
      newcomer.message.info.kind === link.message.info.kind
    );
  }

  private replace(newcomer: Link, link: Link): void {
    const { namespace, message, ipv4, ipv6 } = newcomer;
    this.forget(newcomer);
    this.settle(link, namespace, message);
    Object.assign(link, { ipv4, ipv6 });
    this.write(link);
  }

  /** The link that, as a later event of the same moment says, left another namespace for this place. */
  private takeAnnounced(namespace: WatchedNamespace, message: LinkMessage): Link | undefined {
    for (const event of this.departures) {
      if (event.op !== 'delLink' || event.message.movedToNsId === undefined || event.namespace === namespace) continue;
      if ((event.message.movedToIfIndex ?? event.message.ifIndex) !== message.ifIndex) continue;
      const link = event.namespace.links.get(event.message.ifIndex);
      if (link?.message.info.kind !== message.info.kind || link === undefined) continue;
      if (this.resolve(event.namespace, event.message.movedToNsId) !== namespace) continue;
      this.lift(link);
      event.namespace.leaving.add(event.message.ifIndex);
      return link;
    }
    return undefined;
  }

  /** Takes the link out of its place; its node stays. */
  private lift(link: Link): void {
    this.relations.leave(link);
    dropDependant(link);
    link.namespace.links.delete(link.message.ifIndex);
    this.identities.gone(link.namespace.key, link.message.ifIndex);
    link.namespace.tables.linkGone(link.message.ifIndex);
  }

  /** Puts a link that was lifted into its new place: same node, new owner. Its old addresses did not come with it. */
  private settle(link: Link, namespace: WatchedNamespace, message: LinkMessage, addresses: readonly AddressMessage[] = []): void {
    const { tidName } = this.identities.arrived(namespace.key, message, link.id);
    // The kernel does not tell the links above it that the one below them is elsewhere now.
    const { ifIndex: before } = link.message;
    const above = [...(link.namespace.dependants.get(before) ?? [])].filter((dependant) => dependant.message.parentIndex === before);
    askDriver(Object.assign(link, { namespace, message, tidName, ...inFamilies(addresses) }));
    this.place(link);
    for (const dependant of above) {
      this.refresh(dependant);
      this.relations.changed(dependant);
    }
  }

  private place(link: Link): void {
    link.namespace.links.set(link.message.ifIndex, link);
    addDependant(link);
    link.namespace.tables.linkCame(link.message.ifIndex);
    const tables = link.namespace.tables.rowsOf(link.message.ifIndex);
    this.write(link, { ...tables, ...this.wireGuard.appeared(link) });
    this.relations.changed(link);
    this.virtualFunctions.changed(link);
    // Routes that are there before their link may be those of one that had its index before.
    if (link.appearedAt !== undefined && Object.keys(tables.RoutingTables ?? {}).length > 0) {
      link.namespace.tables.linkDown(link.message.ifIndex);
    }
  }

  /** Nobody saw it arrive: it is in a namespace that is not watched. */
  private lost(link: Link): void {
    this.graph.batch(() => {
      this.virtualFunctions.gone(link);
      this.wireGuard.gone(link);
      const peer = this.relations.peerOf(link);
      this.relations.remove(link);
      this.graph.removeNode(link.id);
      if (peer !== undefined) this.refresh(peer);
    });
  }

  private forget(link: Link): void {
    this.relations.remove(link);
    this.virtualFunctions.gone(link);
    this.wireGuard.gone(link);
    this.lift(link);
    this.graph.removeNode(link.id);
  }

  /** Asks the kernel what the link is now. */
  private refresh(link: Link): void {
    const message = link.namespace.readLink(link.message.ifIndex);
    if (message === undefined || !isSameDevice(link.message, message)) return;
    const { name } = link.message;
    dropDependant(link);
    link.message = message;
    addDependant(link);
    // The event of the new name says nothing new any more.
    if (name !== message.name) askDriver(link);
    this.write(link);
  }

  private address(namespace: WatchedNamespace, { family, ifIndex, cidr }: AddressMessage, isNew: boolean): void {
    const link = namespace.links.get(ifIndex);
    if (link === undefined) return;
    const before = family === 'IPV4' ? link.ipv4 : link.ipv6;
    if (isNew === before.includes(cidr)) return;
    const after = isNew ? [...before, cidr] : before.filter((other) => other !== cidr);
    if (family === 'IPV4') link.ipv4 = after;
    else link.ipv6 = after.sort();
    if (!isNew && family === 'IPV4') namespace.tables.addressGone(ifIndex, cidr);
    this.write(link);
  }

  private changed(link: Link): void {
    this.write(link);
    this.relations.changed(link);
    this.virtualFunctions.changed(link);
    this.wireGuard.changed(link);
  }

  private retry(): void {
    for (const link of this.relations.retry()) this.write(link);
  }

  /** What its tables show was cut, or is no longer. */
  truncated(link: Link): void {
    this.write(link);
  }

  private write(link: Link, tables?: NodeToWrite['tables']): void {
    const { ifIndex, name } = link.message;
    if (name !== link.tidName) this.identities.renamed(link.namespace.key, ifIndex, link.tidName);
    const metadata = linkMetadata(link, ({ namespace, message }) => this.resolve(namespace, message.parentNsId!)?.namespace.name);
    const Truncated = { ...link.namespace.tables.truncatedOf(ifIndex), ...link.hidden };
    const whole = Object.keys(Truncated).length === 0 ? metadata : { ...metadata, Truncated };
    this.graph.putNode({ id: link.id, parent: link.namespace.root, metadata: whole, tables, tidName: link.tidName });
  }

  private resolve(from: WatchedNamespace, nsId: number): WatchedNamespace | undefined {
    // One that was closed meanwhile cannot be asked any more.
    const isOpen = this.namespaces.get(from.key) === from;
    const key = from.namespaceOf(nsId, isOpen ? this.namespaces.values() : []);
    return key === undefined ? undefined : this.namespaces.get(key);
  }
}

/** Kind and burnt-in address never change; an index with others has another device. */
function isSameDevice(before: LinkMessage, now: LinkMessage): boolean {
  if (before.info.kind !== now.info.kind) return false;
  return before.permanentAddress === undefined || now.permanentAddress === undefined || before.permanentAddress === now.permanentAddress;
}

/**
 * What the driver of a link says. It is asked by the link's name: one that is just being renamed or moved gives no answer, or another one of that name
 * answers in its place. So all of it is asked again when the name or the namespace is heard to be another.
 */
function askDriver(link: Link): void {
  const { requests } = link.namespace;
  link.driver = readDriver(requests.fd, link.message.name) ?? link.driver;
  link.speed = readSpeed(requests.fd, link.message.name);
  readFeaturesOf(link);
}

function readFeaturesOf(link: Link): void {
  if (link.driver !== undefined) link.features = readFeatures(link.namespace.requests.fd, link.message.name) ?? link.features;
}

import type { Json, JsonObject } from '../../../src/common/json.js';
import { jsonEqual } from '../../../src/graph/jsonCompare.js';
import { LINUX } from '../../linux/abi.js';
import type { NextHopMessage } from '../../linux/netlink/nextHop.js';
import type { RouteHop, RouteMessage } from '../../linux/netlink/route.js';
import { LinkTable } from './linkTable.js';
import { countedProtocolName, routeTypeName } from './names.js';
import { linksOf, LOOPBACK, SharedWays, type Hop, type Way } from './sharedWays.js';

/** Destinations that one namespace keeps: a table of the Internet from a daemon that is not known as one would take gigabytes. */
export const MOST_DESTINATIONS = 250_000;
/** Share of them below which there is room again for those that were left out. */
const ROOM_AGAIN = 0.9;
/** Objects of next hops may hold groups, but no groups of groups; deeper is a mistake of somebody. */
const DEEPEST_GROUP = 2;

interface RouteRow {
  readonly ID: number;
  readonly Protocol: number;
  readonly Prefix: string;
  readonly Type?: string;
  readonly Src?: string;
  readonly NextHops: readonly Hop[];
}

/** Optional keys are absent where they have no value. */
const asJson = (row: RouteRow): JsonObject => row as unknown as JsonObject;

/** A route as it is kept: under one key in the rows of every link that it leaves through. */
interface Kept {
  readonly key: string;
  row: RouteRow;
  links: readonly number[];
  /** The reading that saw it last. */
  reading: number;
  /** Another one to the same destination. A link of a chain and not a list, because there may be a hundred thousand of them and mostly there is none. */
  next: Kept | undefined;
}

/**
 * Routes of one namespace as the kernel has them. One row for each route: a route of several next hops is in the rows of every interface that it
 * leaves through. Events are applied as they come; what an event leaves open is read again.
 */
export class RouteKeeper {
  readonly table = new LinkTable('RoutingTables');
  /** Routes by what the kernel takes for the same destination: table, prefix, type of service, priority. The first one, which knows the next. */
  private readonly byDestination = new Map<string, Kept>();
  private readonly ways = new SharedWays();
  private readonly nextHops = new Map<number, NextHopMessage>();
  /** Routes of routing daemons: `TABLE.PROTOCOL` to their number, by link. */
  private readonly counts = new Map<number, Map<string, [of4: number, of6: number]>>();
  private readonly countsChanged = new Set<number>();
  private reading = 0;
  /** Some were left out, because there are too many. */
  private isFull = false;
  /** Destinations that events changed while a reading is going on: they know better. */
  private touched: Set<string> | undefined;

  constructor(
    private readonly options: {
      /** Rows for routes of routing daemons too; otherwise these are counted. */
      readonly keepsAll: boolean;
      /** An event did not say enough: the family has to be read again. */
      readonly unclear: (isIPv6: boolean) => void;
      /** Destinations that are kept; `MOST_DESTINATIONS` unless given. */
      readonly most?: number;
    },
  ) {}

  /** Whether there are more routes than are kept: those that came last are missing. */
  get isTruncated(): boolean {
    return this.isFull;
  }

  /** Takes RTM_NEWROUTE. */
  add(message: RouteMessage, flags: number): void {
    const isReplacing = (flags & LINUX.NLM_F_REPLACE) !== 0;
    const destination = destinationOf(message);
    this.touched?.add(destination);
    const first = this.byDestination.get(destination);
    if (this.isCounted(message)) {
      if (isReplacing || (flags & LINUX.NLM_F_APPEND) !== 0) return this.options.unclear(message.isIPv6);
      return this.count(message, 1);
    }
    if (first === undefined && !this.hasRoom()) return;
    // What it replaces may have been one that is only counted.
    if (isReplacing && first === undefined && !this.options.keepsAll && this.counts.size > 0) this.options.unclear(message.isIPv6);
    if (isReplacing && first?.next !== undefined) this.options.unclear(message.isIPv6);
    this.put(destination, message, isReplacing);
  }

  /** Takes RTM_DELROUTE. */
  remove(message: RouteMessage): void {
    const destination = destinationOf(message);
    this.touched?.add(destination);
    if (this.isCounted(message)) return this.count(message, -1);
    const first = this.byDestination.get(destination);
    if (first === undefined) return;
    const row = this.rowOf(message, this.wayOf(message).hops);
    const signature = signatureOf(row);
    const kept = find(first, signature) ?? (first.next === undefined && mayBeSame(first.row, row) ? first : undefined);
    if (kept === undefined) return this.options.unclear(message.isIPv6);
    // IPv6 tells of each next hop that goes; the rest of the route stays.
    const rest =
      signature === VIA && signatureOf(kept.row) === VIA
        ? kept.row.NextHops.filter((hop) => !row.NextHops.some((gone) => sameHop(hop, gone)))
        : [];
    if (rest.length > 0) this.show(kept, { ...kept.row, NextHops: rest }, linksOf(rest));
    else this.forget(destination, kept);
  }

  /** Takes a next-hop object; routes that name it may say less than it does. */
  nextHop(message: NextHopMessage): void {
    this.nextHops.set(message.id, message);
  }

  /** It is gone, and every route through it, of which the kernel does not tell. */
  nextHopGone({ id }: NextHopMessage): void {
    if (!this.nextHops.delete(id)) return;
    this.options.unclear(false);
    this.options.unclear(true);
  }

  /** The link is gone with every route that leaves through it alone; IPv4 does not tell of them. */
  linkGone(ifIndex: number): void {
    for (const key of this.table.keysOf(ifIndex)) {
      const destination = destinationOfKey(key);
      const kept = this.keptAs(destination, key);
      if (kept === undefined) continue;
      if (kept.links.length === 1) this.forget(destination, kept);
      else this.options.unclear(isIPv6Key(key));
    }
    this.table.drop(ifIndex);
    this.counts.delete(ifIndex);
    this.countsChanged.delete(ifIndex);
  }

  /** What the kernel has now of IPv4 through one link, which went down or lost an address: the others through it are gone. */
  read4Through(ifIndex: number, messages: Iterable<RouteMessage>): void {
    const there = new Set<string>();
    for (const message of messages) {
      if (this.isCounted(message)) continue;
      const destination = destinationOf(message);
      if (this.byDestination.has(destination) || this.hasRoom()) there.add(this.put(destination, message, false).key);
    }
    for (const key of this.table.keysOf(ifIndex)) {
      if (isIPv6Key(key) || there.has(key)) continue;
      const destination = destinationOfKey(key);
      const kept = this.keptAs(destination, key);
      if (kept !== undefined) this.forget(destination, kept);
    }
  }

  /** Links with routes that prefer the address as their source. */
  linksWithSource(addresses: ReadonlySet<string>): Set<number> {
    const links = new Set<number>();
    for (const first of this.byDestination.values()) {
      for (const { row, links: through } of chain(first))
        if (row.Src !== undefined && addresses.has(row.Src)) for (const one of through) links.add(one);
    }
    return links;
  }

  /**
   * Makes ours agree with what a dump of the family said, a thousand routes a step. Events may come in between: what they say counts.
   * The steps of one reading must be done before the next one begins.
   */
  *read(isIPv6: boolean, messages: Iterable<RouteMessage>): Generator<void> {
    const reading = ++this.reading;
    const touched = (this.touched = new Set<string>());
    this.forgetCounts(isIPv6);
    let step = 0;
    for (const message of messages) {
      if (++step % ROUTES_A_STEP === 0) yield;
      if (this.isCounted(message)) {
        this.count(message, 1);
        continue;
      }
      const destination = destinationOf(message);
      if (touched.has(destination)) continue;
      if (this.byDestination.has(destination) || this.hasRoom()) this.put(destination, message, false).reading = reading;
    }
    for (const [destination, first] of this.byDestination) {
      if (++step % ROUTES_A_STEP === 0) yield;
      if (isIPv6Key(destination) !== isIPv6 || touched.has(destination)) continue;
      for (const kept of [...chain(first)]) if (kept.reading !== reading) this.forget(destination, kept);
    }
    this.touched = undefined;
  }

  /** Numbers of counted routes that changed, by link, as measurements: `RouteCounts.254.bgp`. */
  takeCounts(): { readonly ifIndex: number; readonly values: readonly (readonly [path: string, value: number])[] }[] {
    const taken = [...this.countsChanged].map((ifIndex) => ({
      ifIndex,
      values: [...(this.counts.get(ifIndex) ?? [])].map(
        ([path, [of4, of6]]) => [`RouteCounts.${path}`, Math.max(0, of4) + Math.max(0, of6)] as const,
      ),
    }));
    this.countsChanged.clear();
    return taken;
  }

  private put(destination: string, message: RouteMessage, isReplacing: boolean): Kept {
    const { hops, links } = this.wayOf(message);
    const row = this.rowOf(message, hops);
    const first = this.byDestination.get(destination);
    if (first === undefined) {
      const kept: Kept = { key: destination, row, links: NO_LINKS, reading: 0, next: undefined };
      this.byDestination.set(destination, kept);
      this.show(kept, row, links);
      return kept;
    }
    const signature = signatureOf(row);
    const known = find(first, signature) ?? (isReplacing ? first : undefined);
    if (known !== undefined) {
      this.show(known, row, links);
      return known;
    }
    const isKeyFree = this.keptAs(destination, destination) === undefined;
    const kept: Kept = {
      key: isKeyFree ? destination : `${destination}${KEY_END}${signature}`,
      row,
      links: NO_LINKS,
      reading: 0,
      next: undefined,
    };
    let last = first;
    while (last.next !== undefined) last = last.next;
    last.next = kept;
    this.show(kept, row, links);
    return kept;
  }

  private keptAs(destination: string, key: string): Kept | undefined {
    let kept = this.byDestination.get(destination);
    while (kept !== undefined && kept.key !== key) kept = kept.next;
    return kept;
  }

  private show(kept: Kept, row: RouteRow, links: readonly number[]): void {
    for (const ifIndex of kept.links) if (!links.includes(ifIndex)) this.table.remove(ifIndex, kept.key);
    const isSame = kept.row !== row && jsonEqual(asJson(kept.row), asJson(row));
    if (!isSame) kept.row = row;
    for (const ifIndex of links) if (!isSame || !kept.links.includes(ifIndex)) this.table.put(ifIndex, kept.key, asJson(kept.row));
    kept.links = links;
  }

  private forget(destination: string, kept: Kept): void {
    for (const ifIndex of kept.links) this.table.remove(ifIndex, kept.key);
    const first = this.byDestination.get(destination)!;
    if (first !== kept) {
      let before = first;
      while (before.next !== kept) before = before.next!;
      before.next = kept.next;
      return;
    }
    if (kept.next !== undefined) return void this.byDestination.set(destination, kept.next);
    this.byDestination.delete(destination);
    if (!this.isFull || this.byDestination.size >= this.most * ROOM_AGAIN) return;
    this.isFull = false;
    this.options.unclear(false);
    this.options.unclear(true);
  }

  private get most(): number {
    return this.options.most ?? MOST_DESTINATIONS;
  }

  private hasRoom(): boolean {
    if (this.byDestination.size < this.most) return true;
    this.isFull = true;
    return false;
  }

  private isCounted({ protocol }: RouteMessage): boolean {
    return !this.options.keepsAll && countedProtocolName(protocol) !== undefined;
  }

  private count(message: RouteMessage, by: 1 | -1): void {
    const path = `${message.table}.${countedProtocolName(message.protocol)}`;
    for (const ifIndex of new Set(this.hopsOf(message).map((hop) => hop.ifIndex || LOOPBACK))) {
      let counts = this.counts.get(ifIndex);
      if (counts === undefined) this.counts.set(ifIndex, (counts = new Map()));
      let count = counts.get(path);
      if (count === undefined) counts.set(path, (count = [0, 0]));
      count[message.isIPv6 ? 1 : 0] += by;
      this.countsChanged.add(ifIndex);
    }
  }

  /** Before a reading counts anew. */
  private forgetCounts(isIPv6: boolean): void {
    for (const [ifIndex, counts] of this.counts) {
      for (const count of counts.values()) count[isIPv6 ? 1 : 0] = 0;
      this.countsChanged.add(ifIndex);
    }
  }

  private rowOf({ table, protocol, prefix, type, tos, from, source, nextHopId }: RouteMessage, NextHops: readonly Hop[]): RouteRow {
    // What every row has is in the literal: what is added to an object afterwards takes room of its own.
    const row: Record<string, Json> = { ID: table, Protocol: protocol, Prefix: prefix, NextHops: NextHops as unknown as Json };
    if (type !== LINUX.RTN_UNICAST) row.Type = routeTypeName(type);
    if (source !== undefined) row.Src = source;
    if (tos !== 0) row.Tos = tos;
    if (from !== undefined) row.From = from;
    if (nextHopId !== undefined) row.NextHopID = nextHopId;
    return row as unknown as RouteRow;
  }

  private wayOf(message: RouteMessage): Way {
    const hops = this.hopsOf(message);
    // IPv6 tells them in another order from one message to the next.
    return this.ways.of(message.isIPv6 && hops.length > 1 ? [...hops].sort(byLinkAndGateway) : hops, message.priority);
  }

  private hopsOf({ hops, nextHopId }: RouteMessage): readonly RouteHop[] {
    return hops.length > 0 || nextHopId === undefined ? hops : this.resolve(nextHopId, 1, DEEPEST_GROUP);
  }

  private resolve(id: number, weight: number, depth: number): RouteHop[] {
    const found = this.nextHops.get(id);
    if (found === undefined || depth === 0) return [];
    if (found.members !== undefined) return found.members.flatMap((member) => this.resolve(member.id, member.weight, depth - 1));
    return [{ ifIndex: found.ifIndex, gateway: found.gateway, weight }];
  }
}

const ROUTES_A_STEP = 1_000;
const NO_LINKS: readonly number[] = [];

function* chain(first: Kept): Generator<Kept> {
  for (let kept: Kept | undefined = first; kept !== undefined; kept = kept.next) yield kept;
}

function find(first: Kept, signature: string): Kept | undefined {
  for (const kept of chain(first)) if (signatureOf(kept.row) === signature) return kept;
  return undefined;
}

/** Between what makes a destination and what tells routes to it apart. */
const KEY_END = ' via ';

const destinationOf = ({ table, prefix, tos, priority, from }: RouteMessage): string =>
  from === undefined ? `${table} ${prefix} ${tos} ${priority}` : `${table} ${prefix} ${tos} ${priority} from ${from}`;

function destinationOfKey(key: string): string {
  const end = key.indexOf(KEY_END);
  return end < 0 ? key : key.slice(0, end);
}

const isIPv6Key = (key: string): boolean => key.includes(':');

/** All routes of IPv6 to one destination that have a gateway and were not made by the kernel are one route with several next hops. */
const VIA = 'gateways';
const OF_THE_KERNEL: readonly number[] = [LINUX.RTPROT_REDIRECT, LINUX.RTPROT_KERNEL, LINUX.RTPROT_RA];

function signatureOf({ Prefix, Protocol, Type = '', NextHops }: RouteRow): string {
  const isGrouped =
    Prefix.includes(':') && !OF_THE_KERNEL.includes(Protocol) && NextHops.length > 0 && NextHops.every(({ IP }) => IP !== undefined);
  return isGrouped ? VIA : `${Type} ${NextHops.map(({ IP = '', IfIndex }) => `${IP}@${IfIndex}`).join()}`;
}

const byLinkAndGateway = (one: RouteHop, other: RouteHop): number =>
  one.ifIndex - other.ifIndex || (one.gateway ?? '').localeCompare(other.gateway ?? '');

const sameHop = (one: Hop, other: Hop): boolean => one.IP === other.IP && one.IfIndex === other.IfIndex;

/** A route that goes may be told with other gateways than it came with; one of other links is another route, often gone with its link before. */
const mayBeSame = (one: RouteRow, other: RouteRow): boolean =>
  one.NextHops.length === 0 || other.NextHops.length === 0 || linksOf(one.NextHops).some((link) => linksOf(other.NextHops).includes(link));

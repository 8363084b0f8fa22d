import type { Cancel, Clock } from '../../../src/common/clock.js';
import type { JsonObject } from '../../../src/common/json.js';
import { LINUX } from '../../linux/abi.js';
import type { Message } from '../../linux/netlink/message.js';
import { decodeNeighbor, neighborHeader, type NeighborMessage } from '../../linux/netlink/neighbor.js';
import { decodeNextHop, nextHopHeader } from '../../linux/netlink/nextHop.js';
import { isNotThere, type RouteRequests } from '../../linux/netlink/requests.js';
import { decodeRoute, routeHeader, throughInterface, type RouteMessage } from '../../linux/netlink/route.js';
import { LinkTable } from './linkTable.js';
import { NeighborKeeper } from './neighborKeeper.js';
import { RouteKeeper } from './routeKeeper.js';

/** What is read again on its own when events of it were lost. */
export type TableFamily = 'routes4' | 'routes6' | 'neighbors' | 'FDB';
export const TABLE_FAMILIES: readonly TableFamily[] = ['routes4', 'routes6', 'neighbors', 'FDB'];

/** Groups of the second event socket: a storm of these must not delay links. */
export const TABLE_GROUPS = [LINUX.RTNLGRP_IPV4_ROUTE, LINUX.RTNLGRP_IPV6_ROUTE, LINUX.RTNLGRP_NEIGH, LINUX.RTNLGRP_NEXTHOP];

/** Milliseconds in which links that went down, or lost addresses, are collected. */
const COLLECT = 50;
/** Milliseconds that an event of a route may be behind those of links: these overtake it, in a storm by seconds. */
const LATE = 60_000;
/** More links than this, and all routes are read rather than those of each. */
const MOST_LINKS_ALONE = 16;

/** Routes, neighbours and forwarding entries of one namespace: what the kernel has, by link. */
export class NamespaceTables {
  readonly routes: RouteKeeper;
  readonly neighbors = new NeighborKeeper(new LinkTable('Neighbors'));
  readonly forwarding = new NeighborKeeper(new LinkTable('FDB'));
  /** All tables by which a node of a link is made complete. */
  readonly tables: readonly LinkTable[];
  /** IPv4 through these may have gone without a word. */
  private readonly silentLinks = new Set<number>();
  private readonly silentAddresses = new Set<string>();
  private cancelSilent: Cancel | undefined;
  /** Links and addresses that ended routes without a word, and until when an event of a route that it ended may still come. */
  private readonly endedUntil = new Map<number | string, number>();
  /** Indexes of links that were not there when rows of them were, and until when that is remembered. */
  private readonly forgottenUntil = new Map<number, number>();
  /** Steps of readings, one after the other. */
  private readonly readings: (() => Generator<void>)[] = [];
  private cancelStep: Cancel | undefined;
  private isClosed = false;
  private isForwardingOld = false;

  constructor(
    private readonly options: {
      readonly requests: RouteRequests;
      readonly clock: Clock;
      readonly keepsAllRoutes: boolean;
      /** Events of the family were not enough: it has to be read again, not at once. */
      readonly unclear: (family: TableFamily) => void;
      /** Rows changed outside of `apply`. */
      readonly changed: () => void;
    },
  ) {
    this.routes = new RouteKeeper({
      keepsAll: options.keepsAllRoutes,
      unclear: (isIPv6) => options.unclear(isIPv6 ? 'routes6' : 'routes4'),
    });
    this.tables = [this.routes.table, this.neighbors.table, this.forwarding.table];
  }

  /** Everything at once: at the start, before anybody sees the namespace. */
  readAll(): void {
    this.readNextHops();
    for (const family of TABLE_FAMILIES) for (const _step of this.reading(family)) continue;
  }

  /** Reads a family again, a step at a time, so that links are heard in between. */
  readAgain(family: TableFamily): void {
    this.readings.push(() => this.reading(family));
    if (this.readings.length === 1) this.step(undefined);
  }

  /** Applies one event; `false` when its bytes cannot be. */
  apply({ type, flags, body }: Message): boolean {
    switch (type) {
      case LINUX.RTM_NEWROUTE:
      case LINUX.RTM_DELROUTE: {
        const route = decodeRoute(body);
        if (route === undefined || route === 'other') return route !== undefined;
        if (type === LINUX.RTM_DELROUTE) this.routes.remove(route);
        else {
          this.routes.add(route, flags);
          if (this.mayHaveEnded(route)) this.options.unclear('routes4');
        }
        return true;
      }
      case LINUX.RTM_NEWNEIGH:
      case LINUX.RTM_DELNEIGH: {
        const neighbor = decodeNeighbor(body);
        if (neighbor === undefined || neighbor === 'other') return neighbor !== undefined;
        const keeper = neighbor.family === LINUX.AF_BRIDGE ? this.forwarding : this.neighbors;
        if (type === LINUX.RTM_NEWNEIGH) keeper.add(neighbor);
        else keeper.remove(neighbor);
        return true;
      }
      case LINUX.RTM_NEWNEXTHOP:
      case LINUX.RTM_DELNEXTHOP: {
        const hop = decodeNextHop(body);
        if (hop === undefined) return false;
        if (type === LINUX.RTM_NEWNEXTHOP) this.routes.nextHop(hop);
        else this.routes.nextHopGone(hop);
        return true;
      }
      default:
        return true;
    }
  }

  /** All rows that are shown of a link, by table. */
  rowsOf(ifIndex: number): Readonly<Record<string, Readonly<Record<string, JsonObject>>>> {
    return Object.fromEntries(this.tables.map((table) => [table.name, table.shownOf(ifIndex)]));
  }

  /** By table how many rows the link has, where not all of them are shown. */
  truncatedOf(ifIndex: number): JsonObject | undefined {
    const cut = this.tables.flatMap((table) => {
      const rows = table.truncatedTo(ifIndex);
      return rows === undefined ? [] : [[table.name, rows] as const];
    });
    return cut.length === 0 ? undefined : Object.fromEntries(cut);
  }

  /** Forgets rows of links that are not there: events that came late. Or early: `linkCame` then reads them again. */
  keepOnly(isThere: (ifIndex: number) => boolean): void {
    const until = this.options.clock.monotonic() + LATE;
    for (const ifIndex of new Set(this.tables.flatMap((table) => [...table.links]))) {
      if (isThere(ifIndex)) continue;
      this.linkGone(ifIndex);
      this.forgottenUntil.set(ifIndex, until);
    }
  }

  /** A link is heard of for the first time under this index. */
  linkCame(ifIndex: number): void {
    if (this.forgottenUntil.delete(ifIndex)) for (const family of TABLE_FAMILIES) this.options.unclear(family);
  }

  linkGone(ifIndex: number): void {
    this.endedUntil.set(ifIndex, this.options.clock.monotonic() + LATE);
    this.routes.linkGone(ifIndex);
    this.neighbors.linkGone(ifIndex);
    this.forwarding.linkGone(ifIndex);
    this.silentLinks.delete(ifIndex);
  }

  /** A device's own list of multicast addresses, part of the forwarding table, changes with links and addresses, and without a word. */
  linksChanged(): void {
    this.isForwardingOld = true;
  }

  /** Reads what changes without a word, if it may have. */
  readWordless(): void {
    const now = this.options.clock.monotonic();
    for (const [ended, until] of this.endedUntil) if (until < now) this.endedUntil.delete(ended);
    for (const [forgotten, until] of this.forgottenUntil) if (until < now) this.forgottenUntil.delete(forgotten);
    if (!this.isForwardingOld) return;
    this.isForwardingOld = false;
    this.readAgain('FDB');
  }

  /** The link went down, or took over an index that was used before: IPv4 does not tell of routes that this ends. */
  linkDown(ifIndex: number): void {
    this.silentLinks.add(ifIndex);
    this.cancelSilent ??= this.options.clock.after(COLLECT, () => this.readSilent());
  }

  /** An IPv4 address went, and without a word every route that prefers it as its source, and with the last one every route of the link. */
  addressGone(ifIndex: number, cidr: string): void {
    this.silentLinks.add(ifIndex);
    this.silentAddresses.add(cidr.slice(0, cidr.indexOf('/')));
    this.cancelSilent ??= this.options.clock.after(COLLECT, () => this.readSilent());
  }

  close(): void {
    this.isClosed = true;
    this.cancelSilent?.();
    this.cancelStep?.();
  }

  private readSilent(): void {
    this.cancelSilent = undefined;
    for (const ifIndex of this.routes.linksWithSource(this.silentAddresses)) this.silentLinks.add(ifIndex);
    const links = [...this.silentLinks];
    const until = this.options.clock.monotonic() + LATE;
    for (const ended of [...links, ...this.silentAddresses]) this.endedUntil.set(ended, until);
    this.silentLinks.clear();
    this.silentAddresses.clear();
    if (links.length > MOST_LINKS_ALONE) return this.readAgain('routes4');
    for (const ifIndex of links) this.routes.read4Through(ifIndex, this.dumpRoutes(LINUX.AF_INET, ifIndex));
    this.options.changed();
  }

  /** Whether the route came before a link or an address that ended it without a word: then it is not there any more. */
  private mayHaveEnded({ isIPv6, hops, source, nextHopId }: RouteMessage): boolean {
    if (isIPv6 || this.endedUntil.size === 0) return false;
    if (nextHopId !== undefined || (source !== undefined && this.endedUntil.has(source))) return true;
    return hops.some(({ ifIndex }) => this.endedUntil.has(ifIndex));
  }

  private step(running: Generator<void> | undefined): void {
    if (this.isClosed) return;
    const reading = running ?? this.readings[0]!();
    const isDone = reading.next().done === true;
    if (isDone) this.readings.shift();
    this.options.changed();
    if (isDone && this.readings.length === 0) return;
    this.cancelStep = this.options.clock.after(0, () => this.step(isDone ? undefined : reading));
  }

  private *reading(family: TableFamily): Generator<void> {
    switch (family) {
      case 'routes4':
        return yield* this.routes.read(false, this.dumpRoutes(LINUX.AF_INET));
      case 'routes6':
        return yield* this.routes.read(true, this.dumpRoutes(LINUX.AF_INET6));
      case 'neighbors':
        return this.neighbors.read([...this.dumpNeighbors(LINUX.AF_INET), ...this.dumpNeighbors(LINUX.AF_INET6)]);
      case 'FDB':
        return this.forwarding.read(this.dumpNeighbors(LINUX.AF_BRIDGE));
    }
  }

  /** Dumped now, decoded one by one as they are asked for. */
  private dumpRoutes(family: number, ifIndex?: number): Iterable<RouteMessage> {
    const bodies: Buffer[] = [];
    const attributes = ifIndex === undefined ? [] : [throughInterface(ifIndex)];
    const { requests } = this.options;
    try {
      requests.dumpKept({ type: LINUX.RTM_GETROUTE, header: routeHeader(family), attributes }, ({ body }) => bodies.push(body));
    } catch (error) {
      // A link that went meanwhile has no routes.
      if (ifIndex === undefined || !isNotThere(error)) throw error;
    }
    return this.decoded(bodies);
  }

  private *decoded(bodies: readonly Buffer[]): Generator<RouteMessage> {
    for (const body of bodies) {
      const route = decodeRoute(body);
      if (route === undefined) this.options.requests.malformed++;
      else if (route !== 'other') yield route;
    }
  }

  private dumpNeighbors(family: number): NeighborMessage[] {
    const { requests } = this.options;
    return requests.dump({ type: LINUX.RTM_GETNEIGH, header: neighborHeader(family) }, ({ body }) => {
      const neighbor = decodeNeighbor(body);
      if (neighbor === undefined) requests.malformed++;
      return neighbor === 'other' ? undefined : neighbor;
    });
  }

  /** Kernels before 5.3 have none. */
  private readNextHops(): void {
    try {
      const hops = this.options.requests.dump({ type: LINUX.RTM_GETNEXTHOP, header: nextHopHeader() }, ({ body }) => decodeNextHop(body));
      for (const hop of hops) this.routes.nextHop(hop);
    } catch {
      // Routes then name none either.
    }
  }
}

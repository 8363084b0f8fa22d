import { join } from 'node:path';
import type { Cancel } from '../../../src/common/clock.js';
import { CanopyError } from '../../../src/common/errors.js';
import { LINUX } from '../../linux/abi.js';
import { decodeAddress } from '../../linux/netlink/address.js';
import { decodeLink } from '../../linux/netlink/link.js';
import { eachMessage, type Message } from '../../linux/netlink/message.js';
import { decodeNsId } from '../../linux/netlink/nsid.js';
import type { LinkCounters } from '../../linux/netlink/stats64.js';
import type { Received, SocketGroup } from '../../linux/socketWatcher.js';
import type { NetworkNamespace } from '../kit/namespaces.js';
import type { Probe, ProbeContext, ProbeDefinition } from '../kit/probe.js';
import { readingOfLink } from './counters.js';
import { InterfaceIdentities } from './interfaceIdentities.js';
import { NETLINK_KEYS } from './keys.js';
import { LinkKeeper, type LinkEvent } from './linkKeeper.js';
import { LINK_RELATIONS } from './relations.js';
import { Resync } from './resync.js';
import { LinkStatistics } from './statistics.js';
import { TableWriter } from './tableWriter.js';
import { VIRTUAL_FUNCTION_RELATION } from './virtualFunctions.js';
import { WatchedNamespace } from './watchedNamespace.js';

/** Milliseconds until a namespace that could not be entered is tried again. */
const ENTER_AGAIN = 3_000;
/** Milliseconds between writes of what is measured of tables, and between looks at what changes without an event. */
const TABLES_EVERY = 5_000;
/** Milliseconds after the start when namespaces that have not come back are forgotten. */
const FORGET_AFTER = 60_000;

/** Links of every kind in every watched namespace, by rtnetlink. */
export const netlinkProbe: ProbeDefinition = {
  name: 'netlink',
  summary: 'Interfaces of every kind in every network namespace that is known, with addresses, state, peers and counters',
  needsLinux: true,
  needs: [
    { capability: 'SYS_ADMIN', allows: 'interfaces of other network namespaces' },
    { capability: 'NET_ADMIN', allows: 'room for storms of events beyond what the system gives to everybody, and looking at WireGuard' },
  ],
  keys: NETLINK_KEYS,
  relations: [...LINK_RELATIONS, VIRTUAL_FUNCTION_RELATION],
  create: (context) => new NetlinkProbe(context),
};

class NetlinkProbe implements Probe {
  private readonly sockets: SocketGroup;
  private readonly identities: InterfaceIdentities;
  private readonly keeper: LinkKeeper;
  private readonly bySocket = new Map<number, WatchedNamespace>();
  private readonly byTableSocket = new Map<number, WatchedNamespace>();
  private readonly tables: TableWriter;
  private readonly statistics: LinkStatistics;
  /** Namespaces that could not be entered, with the reason. */
  private readonly closed = new Map<string, string>();
  /** Why the last reading of counters was not complete. */
  private withoutCounters: string | undefined;
  private readonly resync: Resync<WatchedNamespace>;
  private readonly cancels: Cancel[] = [];
  private losses = 0;

  constructor(private readonly context: ProbeContext) {
    const { clock, config, graph, hostId, linux, log } = context;
    const file = join(config.stateDir, 'interfaces.json');
    this.identities = new InterfaceIdentities({ hostId, bootId: linux.bootId, file, clock, log });
    this.keeper = new LinkKeeper(graph, this.identities, clock);
    this.tables = new TableWriter(
      context,
      () => this.keeper.namespaces.values(),
      (link) => this.keeper.truncated(link),
      () => this.reportHealth(),
    );
    this.statistics = new LinkStatistics({
      graph,
      clock,
      which: config.netlink.statistics,
      links: () => [...this.keeper.namespaces.values()].flatMap(({ links }) => [...links.values()]),
      truncated: (link) => this.keeper.truncated(link),
    });
    this.resync = new Resync(clock, (namespace) => this.readAgain(namespace));
    this.sockets = linux.sockets.group({
      received: (records) => this.guard(() => this.received(records)),
      lost: (reason) => context.health.failed(new Error(`the thread that waits for the kernel ended: ${reason}`)),
    });
  }

  start(): void {
    const { clock, config, namespaces } = this.context;
    this.cancels.push(
      namespaces.listen({
        added: (namespace) => this.guard(() => this.watch(namespace)),
        renamed: (namespace) => this.guard(() => this.renamed(namespace)),
        removed: (namespace) => this.guard(() => this.unwatch(namespace)),
      }),
      clock.every(config.netlink.metricsInterval, () => this.readCounters()),
      clock.after(0, () => this.statistics.read()),
      clock.every(config.netlink.metricsInterval, () => this.statistics.read()),
      clock.every(TABLES_EVERY, () => this.tables.tick()),
      clock.every(TABLES_EVERY, () => this.lookAgain()),
      clock.every(ENTER_AGAIN, () => this.enterAgain()),
      clock.after(FORGET_AFTER, () => this.identities.keepOnly(new Set(this.keeper.namespaces.keys()))),
    );
  }

  stop(): void {
    for (const cancel of this.cancels) cancel();
    this.resync.stop();
    this.tables.stop();
    this.statistics.stop();
    this.keeper.stop();
    for (const namespace of this.keeper.namespaces.values()) namespace.close();
    this.keeper.namespaces.clear();
    this.sockets.closeAll();
    this.identities.close();
  }

  /** A fault in one event must not end the agent: it ends this run of the probe, and the next one reads everything anew. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.context.health.failed(error);
    }
  }

  private watch(namespace: NetworkNamespace): void {
    try {
      this.open(namespace);
      this.closed.delete(namespace.key);
    } catch (error) {
      // Without its own namespace the probe is blind; any other one it can do without, and tries again.
      if (namespace.isOwn) throw error;
      this.closed.set(namespace.key, `cannot look into ${namespace.path}: ${error instanceof Error ? error.message : String(error)}`);
      this.reportHealth();
    }
  }

  private open(namespace: NetworkNamespace): void {
    const watched = WatchedNamespace.open(namespace, this.sockets, (requests) => this.tables.tablesOf(requests));
    this.bySocket.set(watched.eventSocket, watched);
    this.byTableSocket.set(watched.tableSocket, watched);
    try {
      // Before the links: a node then appears with its rows.
      watched.tables.readAll();
      this.tables.forgetChanges(watched);
      this.keeper.add(watched);
      // What was counted so far, so that the next reading can tell what was added.
      this.readCountersOf(watched);
    } catch (error) {
      this.release(watched);
      throw error;
    }
  }

  private renamed(namespace: NetworkNamespace): void {
    const watched = this.keeper.namespaces.get(namespace.key);
    if (watched === undefined) return;
    watched.namespace = namespace;
    this.keeper.renamed(watched);
  }

  private unwatch({ key }: NetworkNamespace): void {
    if (this.closed.delete(key)) this.reportHealth();
    const watched = this.keeper.namespaces.get(key);
    if (watched !== undefined) this.release(watched);
  }

  /** Sockets first: they keep the namespace alive. */
  private release(watched: WatchedNamespace): void {
    watched.close();
    this.bySocket.delete(watched.eventSocket);
    this.byTableSocket.delete(watched.tableSocket);
    this.tables.forget(watched);
    this.resync.forget(watched);
    this.keeper.remove(watched);
  }

  private enterAgain(): void {
    if (this.closed.size === 0) return;
    for (const key of [...this.closed.keys()]) {
      const namespace = this.context.namespaces.get(key);
      if (namespace === undefined) this.closed.delete(key);
      else this.watch(namespace);
    }
    this.reportHealth();
  }

  private received(records: readonly Received[]): void {
    const events: LinkEvent[] = [];
    const tableRecords: Received[] = [];
    for (const record of records) {
      const { id, bytes, problem } = record;
      if (this.byTableSocket.has(id)) tableRecords.push(record);
      const namespace = this.bySocket.get(id);
      if (namespace === undefined) continue;
      const isWhole = eachMessage(bytes, (message) => {
        const event = decodeEvent(namespace, message);
        if (event === 'malformed') this.lost(namespace, event);
        else if (event !== undefined) events.push(event);
      });
      if (problem === 'failed') throw new CanopyError('UNAVAILABLE', `the socket of ${namespace.namespace.path} does not work any more`);
      if (problem !== undefined || !isWhole) this.lost(namespace, problem ?? 'malformed');
    }
    this.context.health.heard(events.length);
    this.keeper.apply(events);
    if (tableRecords.length > 0) this.tables.received(tableRecords, this.byTableSocket);
  }

  private lost(namespace: WatchedNamespace, problem: string): void {
    this.losses++;
    if (!this.resync.lost(namespace)) return;
    this.context.log.warn(
      { namespace: namespace.namespace.path, problem, losses: this.losses },
      'events of links were lost; they are read again',
    );
    this.reportHealth();
  }

  private readAgain(namespace: WatchedNamespace): void {
    this.keeper.readAgain(namespace, true);
    this.reportHealth();
  }

  private lookAgain(): void {
    const { problem } = this.keeper;
    this.keeper.tick();
    if (problem !== undefined || this.keeper.problem !== undefined) this.reportHealth();
  }

  private readCounters(): void {
    this.withoutCounters = undefined;
    this.context.graph.batch(() => {
      for (const namespace of this.keeper.namespaces.values()) {
        this.readCountersOf(namespace);
      }
      this.keeper.readCounters();
    });
    this.reportHealth();
  }

  private readCountersOf(namespace: WatchedNamespace): void {
    const now = this.context.clock.now();
    let counters: LinkCounters[];
    try {
      counters = namespace.dumpCounters();
    } catch (error) {
      // Kernels before 4.7 cannot be asked for them alone: the links are shown all the same.
      if (!(error instanceof CanopyError)) throw error;
      this.withoutCounters = `cannot read the counters of ${namespace.namespace.path}: ${error.message}`;
      return;
    }
    for (const { ifIndex, values } of counters) {
      const link = namespace.links.get(ifIndex);
      if (link === undefined) continue;
      const written = readingOfLink(link, values, now);
      if (written !== undefined) this.context.graph.measure(link.id, written);
      link.counters = values;
      link.countersAt = now;
    }
  }

  private reportHealth(): void {
    const reasons = [...this.closed.values()];
    if (this.withoutCounters !== undefined) reasons.push(this.withoutCounters);
    if (this.resync.waiting > 0) reasons.push(`events were lost (${this.losses} times so far) and are read again soon`);
    if (this.keeper.problem !== undefined) reasons.push(this.keeper.problem);
    if (this.tables.problem !== undefined) reasons.push(this.tables.problem);
    if (reasons.length === 0) this.context.health.ok();
    else
      this.context.health.degraded(
        reasons.length > 3 ? `${reasons.slice(0, 3).join('; ')}; and ${reasons.length - 3} more` : reasons.join('; '),
      );
  }
}

/** `undefined` for what the probe does not keep. */
function decodeEvent(namespace: WatchedNamespace, { type, body }: Message): LinkEvent | 'malformed' | undefined {
  switch (type) {
    case LINUX.RTM_NEWLINK:
    case LINUX.RTM_DELLINK: {
      const message = decodeLink(body);
      return message === undefined ? 'malformed' : { op: type === LINUX.RTM_NEWLINK ? 'newLink' : 'delLink', namespace, message };
    }
    case LINUX.RTM_NEWADDR:
    case LINUX.RTM_DELADDR: {
      const address = decodeAddress(body);
      return address === undefined ? 'malformed' : { op: type === LINUX.RTM_NEWADDR ? 'newAddress' : 'delAddress', namespace, address };
    }
    case LINUX.RTM_NEWNSID:
    case LINUX.RTM_DELNSID:
      return { op: 'numbers', namespace, nsId: decodeNsId(body) };
    default:
      return undefined;
  }
}

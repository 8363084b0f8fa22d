import type { Cancel } from '../../../src/common/clock.js';
import { CanopyError } from '../../../src/common/errors.js';
import type { Json } from '../../../src/common/json.js';
import { eachMessage } from '../../linux/netlink/message.js';
import type { RouteRequests } from '../../linux/netlink/requests.js';
import type { Received } from '../../linux/socketWatcher.js';
import type { ProbeContext } from '../kit/probe.js';
import type { Link } from './link.js';
import { NamespaceTables, TABLE_FAMILIES, type TableFamily } from './namespaceTables.js';
import { Resync } from './resync.js';
import { MOST_DESTINATIONS } from './routeKeeper.js';
import type { WatchedNamespace } from './watchedNamespace.js';

/**
 * Rows written at once, and milliseconds until the next ones. A link that changes meanwhile is behind no more than these: its way to the analyzer is
 * the same one.
 */
const ROWS_AT_ONCE = 250;
const WRITE_AGAIN = 1;
/** Bytes on their way to the analyzer beyond which rows wait here, where changes of the same row become one. */
const MOST_ON_THE_WAY = 48 * 1024;

/** One family of one namespace: what is read again on its own. */
interface Part {
  readonly tables: NamespaceTables;
  readonly family: TableFamily;
}

/** Keeps the tables of all watched namespaces and writes what changes in them to the nodes of their links. */
export class TableWriter {
  private readonly parts = new Map<NamespaceTables, ReadonlyMap<TableFamily, Part>>();
  private readonly resync: Resync<Part>;
  /** What `Truncated` of a node says, as text. */
  private readonly truncated = new WeakMap<Link, string>();
  private losses = 0;
  /** Namespaces with rows that are not written yet. */
  private readonly unwritten = new Set<WatchedNamespace>();
  private cancelWrite: Cancel | undefined;

  constructor(
    private readonly context: ProbeContext,
    private readonly namespaces: () => Iterable<WatchedNamespace>,
    private readonly writeLink: (link: Link) => void,
    private readonly healthChanged: () => void,
  ) {
    this.resync = new Resync(context.clock, ({ tables, family }) => {
      this.guard(() => tables.readAgain(family));
      healthChanged();
    });
  }

  tablesOf(requests: RouteRequests): NamespaceTables {
    const { clock, config } = this.context;
    const tables: NamespaceTables = new NamespaceTables({
      requests,
      clock,
      keepsAllRoutes: config.netlink.routes === 'all',
      unclear: (family) => {
        // While its links go with their namespace nothing of it is read any more.
        const part = this.parts.get(tables)?.get(family);
        if (part !== undefined) this.resync.lost(part);
      },
      changed: () => this.writeAll(tables),
    });
    this.parts.set(tables, new Map(TABLE_FAMILIES.map((family) => [family, { tables, family }])));
    return tables;
  }

  /** Why rows may be old; `undefined` when they are not. */
  get problem(): string | undefined {
    const [full] = [...this.namespaces()].filter(({ tables }) => tables.routes.isTruncated);
    if (full !== undefined) return `${full.namespace.path} has more routes than are kept (${MOST_DESTINATIONS}): the last ones are missing`;
    if (this.losses === 0 || this.resync.waiting === 0) return undefined;
    return `events of routes and neighbours were lost (${this.losses} times so far) and are read again soon`;
  }

  /** What was read at the start goes with the nodes of the links. */
  forgetChanges({ tables }: WatchedNamespace): void {
    for (const table of tables.tables) table.takeChanges();
  }

  forget(namespace: WatchedNamespace): void {
    const { tables } = namespace;
    this.unwritten.delete(namespace);
    for (const part of this.parts.get(tables)?.values() ?? []) this.resync.forget(part);
    this.parts.delete(tables);
  }

  received(records: readonly Received[], bySocket: ReadonlyMap<number, WatchedNamespace>): void {
    let events = 0;
    for (const { id, bytes, problem } of records) {
      const namespace = bySocket.get(id);
      if (namespace === undefined) continue;
      this.unwritten.add(namespace);
      let isSound = true;
      const isWhole = eachMessage(bytes, (message) => {
        events++;
        if (!namespace.tables.apply(message)) isSound = false;
      });
      if (problem === 'failed') throw new CanopyError('UNAVAILABLE', `the socket of ${namespace.namespace.path} does not work any more`);
      if (problem !== undefined || !isWhole || !isSound) this.lost(namespace, problem ?? 'malformed');
    }
    this.context.health.heard(events);
    this.writeSome();
  }

  /** Writes what is measured, and forgets rows of links that never came. */
  tick(): void {
    this.context.graph.batch(() => {
      for (const namespace of this.namespaces()) {
        const { tables } = namespace;
        tables.readWordless();
        tables.keepOnly((ifIndex) => namespace.links.has(ifIndex));
        for (const keeper of [tables.neighbors, tables.forwarding]) {
          for (const { ifIndex, states } of keeper.takeStates()) this.measure(namespace, ifIndex, [[keeper.table.name, states]]);
        }
        for (const { ifIndex, values } of tables.routes.takeCounts()) this.measure(namespace, ifIndex, values);
      }
    });
  }

  stop(): void {
    this.cancelWrite?.();
    this.resync.stop();
  }

  /** The socket does not say of which family it lost events. */
  private lost({ tables, namespace }: WatchedNamespace, problem: string): void {
    this.losses++;
    let isFirst = false;
    for (const part of this.parts.get(tables)?.values() ?? []) if (this.resync.lost(part)) isFirst = true;
    if (!isFirst) return;
    this.context.log.warn(
      { namespace: namespace.path, problem, losses: this.losses },
      'events of routes and neighbours were lost; they are read again',
    );
    this.healthChanged();
  }

  private measure({ links }: WatchedNamespace, ifIndex: number, values: readonly (readonly [string, Json])[]): void {
    const link = links.get(ifIndex);
    if (link !== undefined && values.length > 0) this.context.graph.measure(link.id, values);
  }

  private writeAll(tables: NamespaceTables): void {
    for (const namespace of this.namespaces()) if (namespace.tables === tables) this.unwritten.add(namespace);
    this.writeSome();
  }

  /** Writes as many rows as may be written now, and the others a little later. */
  private writeSome(): void {
    if (this.cancelWrite !== undefined || this.unwritten.size === 0) return;
    const { clock, graph } = this.context;
    if (graph.onTheWay() < MOST_ON_THE_WAY) graph.batch(() => this.writeRows(ROWS_AT_ONCE));
    if (this.unwritten.size === 0) return;
    this.cancelWrite = clock.after(WRITE_AGAIN, () => {
      this.cancelWrite = undefined;
      this.writeSome();
    });
  }

  private writeRows(most: number): void {
    let room = most;
    for (const namespace of this.unwritten) {
      room -= this.write(namespace, room);
      if (room <= 0) return;
      this.unwritten.delete(namespace);
    }
  }

  /** Answers how many rows it wrote: fewer than there is room for when it is done. */
  private write({ tables, links }: WatchedNamespace, most: number): number {
    let room = most;
    for (const table of tables.tables) {
      for (const { ifIndex, put, remove } of table.takeChanges(room)) {
        room -= put.length + remove.length;
        // A link that is not known yet gets all of its rows when it comes.
        const link = links.get(ifIndex);
        if (link === undefined) continue;
        if (put.length > 0 || remove.length > 0) this.context.graph.changeRows(link.id, table.name, put, remove);
        this.sayTruncated(link, tables, ifIndex);
      }
      if (room <= 0) break;
    }
    return most - room;
  }

  private sayTruncated(link: Link, tables: NamespaceTables, ifIndex: number): void {
    const now = JSON.stringify(tables.truncatedOf(ifIndex));
    if (now === this.truncated.get(link)) return;
    if (now === undefined) this.truncated.delete(link);
    else this.truncated.set(link, now);
    this.writeLink(link);
  }

  /** A fault here ends this run of the probe and not the agent. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.context.health.failed(error);
    }
  }
}

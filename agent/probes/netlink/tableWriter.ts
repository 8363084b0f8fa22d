import { CanopyError } from '../../../src/common/errors.js';
import type { Json } from '../../../src/common/json.js';
import { eachMessage } from '../../linux/netlink/message.js';
import type { RouteRequests } from '../../linux/netlink/requests.js';
import type { Received } from '../../linux/socketWatcher.js';
import type { NetworkNamespace } from '../kit/namespaces.js';
import type { ProbeContext } from '../kit/probe.js';
import type { Link } from './link.js';
import { NamespaceTables, TABLE_FAMILIES, type TableFamily } from './namespaceTables.js';
import { Resync } from './resync.js';
import type { WatchedNamespace } from './watchedNamespace.js';

/** One family of one namespace: what is read again on its own. */
interface Part {
  readonly tables: NamespaceTables;
  readonly family: TableFamily;
  readonly path: string;
}

/** Keeps the tables of all watched namespaces and writes what changes in them to the nodes of their links. */
export class TableWriter {
  private readonly parts = new Map<NamespaceTables, ReadonlyMap<TableFamily, Part>>();
  private readonly resync: Resync<Part>;
  /** What `Truncated` of a node says, as text. */
  private readonly truncated = new WeakMap<Link, string>();
  private losses = 0;

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

  tablesOf({ path }: NetworkNamespace, requests: RouteRequests): NamespaceTables {
    const { clock, config } = this.context;
    const tables: NamespaceTables = new NamespaceTables({
      requests,
      clock,
      keepsAllRoutes: config.netlink.routes === 'all',
      unclear: (family) => void this.resync.lost(this.parts.get(tables)!.get(family)!),
      changed: () => this.writeAll(tables),
    });
    this.parts.set(tables, new Map(TABLE_FAMILIES.map((family) => [family, { tables, family, path }])));
    return tables;
  }

  /** Why rows may be old; `undefined` when they are not. */
  get problem(): string | undefined {
    if (this.losses === 0 || this.resync.waiting === 0) return undefined;
    return `events of routes and neighbours were lost (${this.losses} times so far) and are read again soon`;
  }

  /** What was read at the start goes with the nodes of the links. */
  forgetChanges({ tables }: WatchedNamespace): void {
    for (const table of tables.tables) table.takeChanges();
  }

  forget({ tables }: WatchedNamespace): void {
    for (const part of this.parts.get(tables)?.values() ?? []) this.resync.forget(part);
    this.parts.delete(tables);
  }

  received(records: readonly Received[], bySocket: ReadonlyMap<number, WatchedNamespace>): void {
    const changed = new Set<WatchedNamespace>();
    let events = 0;
    for (const { id, bytes, problem } of records) {
      const namespace = bySocket.get(id);
      if (namespace === undefined) continue;
      changed.add(namespace);
      let isSound = true;
      const isWhole = eachMessage(bytes, (message) => {
        events++;
        if (!namespace.tables.apply(message)) isSound = false;
      });
      if (problem === 'failed') throw new CanopyError('UNAVAILABLE', `the socket of ${namespace.namespace.path} does not work any more`);
      if (problem !== undefined || !isWhole || !isSound) this.lost(namespace, problem ?? 'malformed');
    }
    this.context.health.heard(events);
    this.context.graph.batch(() => {
      for (const namespace of changed) this.write(namespace);
    });
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
    for (const namespace of this.namespaces()) if (namespace.tables === tables) this.context.graph.batch(() => this.write(namespace));
  }

  private write({ tables, links }: WatchedNamespace): void {
    for (const table of tables.tables) {
      for (const { ifIndex, put, remove } of table.takeChanges()) {
        // A link that is not known yet gets all of its rows when it comes.
        const link = links.get(ifIndex);
        if (link === undefined) continue;
        if (put.length > 0 || remove.length > 0) this.context.graph.changeRows(link.id, table.name, put, remove);
        this.sayTruncated(link, tables, ifIndex);
      }
    }
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

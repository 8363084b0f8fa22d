import { existsSync } from 'node:fs';
import type { Cancel } from '../../../src/common/clock.js';
import { OVSDB } from '../../../src/common/config/defaults.js';
import type { ElementId } from '../../../src/graph/element.js';
import { Ovsdb, socketFile, type OvsUpdate } from '../../ovsdb/ovsdb.js';
import type { Probe, ProbeContext, ProbeDefinition } from '../kit/probe.js';
import { OVSDB_KEYS, OVSDB_RELATIONS } from './keys.js';
import { isDatapath, KernelLinks } from './kernelLinks.js';
import { hasLink, nameOf } from './metadata.js';
import { pictureOf } from './picture.js';
import { PictureWriter } from './pictureWriter.js';
import { columnsOf, SwitchRows } from './rows.js';
import { SwitchStatistics } from './statistics.js';

/** Milliseconds between attempts at reaching the database. */
const CONNECT_AGAIN = 1_000;
/** Milliseconds that a database which went away may take to come back before its switch is taken for gone: a restart leaves no trace. */
const GONE_AFTER = 10_000;
/** Milliseconds that an interface is waited for which the switch makes in the kernel: its link is heard of a little earlier or later. */
const LINK_WITHIN = 2_000;
/** Milliseconds within which changes are looked at together. */
const LOOK_TOGETHER = 20;
/** The pause after a look is at least so many times as long as the look: however large the switch, looking takes a tenth of the time at most. */
const PAUSE_FOR_LOOK = 10;

/** Bridges, ports and interfaces of Open vSwitch, from its database. */
export const ovsdbProbe: ProbeDefinition = {
  name: 'ovsdb',
  summary: 'Bridges, ports, interfaces, bonds, tunnels and mirrors of Open vSwitch, joined with the links of the kernel',
  needsLinux: false,
  needs: [],
  keys: OVSDB_KEYS,
  relations: OVSDB_RELATIONS,
  create: (context) => new OvsdbProbe(context),
};

class OvsdbProbe implements Probe {
  private readonly rows = new SwitchRows();
  private readonly links = new KernelLinks();
  private readonly writer: PictureWriter;
  private readonly statistics: SwitchStatistics;
  /** The link that each interface was found to be. */
  private joined = new Map<string, ElementId>();
  /** The node of each interface. */
  private interfaces: ReadonlyMap<string, ElementId> = new Map();
  /** Names under which a link of the kernel matters. */
  private names: ReadonlySet<string> = new Set();
  /** Interfaces without their link, and since when. */
  private linkless = new Map<string, number>();
  private database: Ovsdb | undefined;
  private wasThere = false;
  private isStopped = false;
  private cancelLook: Cancel | undefined;
  private cancelAwaited: Cancel | undefined;
  /** No look before this, on the monotonic clock. */
  private pauseUntil = -Infinity;
  private cancelGone: Cancel | undefined;
  private cancelConnect: Cancel | undefined;
  private readonly cancels: Cancel[] = [];

  constructor(private readonly context: ProbeContext) {
    this.writer = new PictureWriter(context.graph);
    this.statistics = new SwitchStatistics(context.graph);
  }

  async start(): Promise<void> {
    const { clock, config, nodes } = this.context;
    this.cancels.push(
      nodes.watch({
        put: (node, probe) => {
          if (probe === ovsdbProbe.name) return;
          if (this.links.put(node).some((name) => this.matters(name))) this.lookSoon();
        },
        removed: (id) => {
          this.writer.forget(id);
          const name = this.links.remove(id);
          if (name !== undefined && this.matters(name)) this.lookSoon();
        },
      }),
      clock.every(config.netlink.metricsInterval, () => this.readStatistics()),
    );
    await this.connect();
  }

  stop(): void {
    this.isStopped = true;
    for (const cancel of this.cancels) cancel();
    this.cancelLook?.();
    this.cancelAwaited?.();
    this.cancelGone?.();
    this.cancelConnect?.();
    this.database?.close();
  }

  private async connect(): Promise<void> {
    const { config, health } = this.context;
    const file = socketFile(config.ovsdb);
    if (file !== undefined && !existsSync(file)) {
      const reason = `there is no Open vSwitch here: no ${file} (agent.ovsdb)`;
      // Most hosts have none; where it is said where it is, or was there, it is missed.
      if (config.ovsdb === OVSDB && !this.wasThere) health.ok(reason);
      else health.degraded(reason);
      return this.connectLater();
    }
    let database: Ovsdb | undefined;
    try {
      database = await Ovsdb.open(config.ovsdb);
      if (this.isStopped) return database.close();
      this.database = database;
      database.onLost = (reason) => this.lost(reason);
      const columns = columnsOf(await database.columns());
      let isFirst = true;
      await database.monitor(columns, (update) => {
        // What went while nobody listened is in no update.
        if (isFirst) this.rows.clear();
        isFirst = false;
        this.heard(update);
      });
      if (this.isStopped || this.database !== database) return;
      this.cancelGone?.();
      this.cancelGone = undefined;
      this.wasThere = true;
      this.look();
      health.ok(`Open vSwitch at ${config.ovsdb}`);
      this.readStatistics();
    } catch (error) {
      database?.close();
      this.database = undefined;
      if (this.isStopped) return;
      health.degraded(error instanceof Error ? error.message : String(error));
      this.connectLater();
    }
  }

  private connectLater(): void {
    if (this.isStopped) return;
    // A connection that ends while it is set up is told of twice.
    this.cancelConnect?.();
    this.cancelConnect = this.context.clock.after(CONNECT_AGAIN, () => void this.connect());
  }

  private lost(reason: string): void {
    const { clock, health } = this.context;
    this.database = undefined;
    if (this.isStopped) return;
    health.degraded(`the connection to Open vSwitch is lost: ${reason} (agent.ovsdb)`);
    this.cancelGone ??= clock.after(GONE_AFTER, () => {
      this.cancelGone = undefined;
      this.rows.clear();
      this.look();
    });
    this.connectLater();
  }

  private heard(update: OvsUpdate): void {
    this.context.health.heard(this.rows.apply(update));
    this.lookSoon();
  }

  private matters(name: string): boolean {
    return this.names.has(name) || isDatapath(name);
  }

  private lookSoon(): void {
    if (this.cancelLook !== undefined || this.isStopped) return;
    const { clock } = this.context;
    this.cancelLook = clock.after(Math.max(LOOK_TOGETHER, this.pauseUntil - clock.monotonic()), () => this.look());
  }

  /** Makes the graph agree with the rows and the links as they are now. */
  private look(): void {
    this.cancelLook?.();
    this.cancelAwaited?.();
    this.cancelLook = this.cancelAwaited = undefined;
    const { clock, id, root } = this.context;
    const from = clock.monotonic();
    const joined = new Map<string, ElementId>();
    const linkless = new Map<string, number>();
    const picture = pictureOf(this.rows, {
      root,
      idOf: (uuid) => id('ovs', uuid),
      datapath: this.links.datapath(),
      linkOf: (uuid, row) => {
        const link = this.links.find(row, this.joined.get(uuid), root);
        if (link === undefined) linkless.set(uuid, this.linkless.get(uuid) ?? from);
        else joined.set(uuid, link);
        return link;
      },
      isAwaited: (uuid) => from - linkless.get(uuid)! < LINK_WITHIN,
    });
    this.joined = joined;
    this.linkless = linkless;
    this.interfaces = picture.interfaces;
    this.names = new Set([...this.rows.of('Interface').values()].filter(hasLink).map(nameOf));
    this.writer.write(picture);
    this.pauseUntil = clock.monotonic() + (clock.monotonic() - from) * PAUSE_FOR_LOOK;
    const waits = [...linkless.values()].map((since) => since + LINK_WITHIN - from).filter((wait) => wait > 0);
    if (waits.length > 0) this.cancelAwaited = clock.after(Math.min(...waits), () => this.lookSoon());
  }

  /** Asks for all counters: the switch itself looks at them every five seconds, and would tell of each time. */
  private readStatistics(): void {
    const { database } = this;
    if (database === undefined) return;
    const { clock } = this.context;
    void database.transact({ op: 'select', table: 'Interface', where: [], columns: ['_uuid', 'statistics'] }).then(
      ([{ rows = [] } = {}]) => {
        if (!this.isStopped) this.statistics.take(rows, this.interfaces, clock.now());
      },
      // A connection that ends is told of; one that does not answer is asked again.
      () => undefined,
    );
  }
}

import { CanopyError } from '../../../src/common/errors.js';
import type { NodeRevision } from '../../../src/graph/element.js';
import { Ovsdb, type OvsOperation, type OvsRow, type OvsValue } from '../../ovsdb/ovsdb.js';
import { elements, idOf, mapIn } from '../../ovsdb/values.js';

/** Who a row belongs to stands in its `external_ids`: rows of an agent that was killed are found by it. */
const OWNER = 'canopy-agent';
const CAPTURE = 'canopy-capture';
/** Milliseconds for which the switch may take its time for a new port. */
const PORT_PATIENCE = 5_000;
/** Milliseconds for taking rows away at the end. */
const CLOSE_WITHIN = 1_500;
/** Of a port's id, behind `mir`, as in Skydive: names of interfaces are short. */
const MIRROR_NAME = 5;

/** What exports flows of a bridge, with the column of `Bridge` that refers to it. */
const EXPORTERS = { sflow: 'sFlow', netflow: 'NetFlow' } as const;
export type Exporter = keyof typeof EXPORTERS;
type Table = (typeof EXPORTERS)[Exporter] | 'Mirror' | 'Port';
const TABLES: readonly Table[] = ['sFlow', 'NetFlow', 'Mirror', 'Port'];

interface OwnRow {
  readonly table: Table;
  readonly uuid: string;
}

/** A node of the graph as the database finds it: by its id where it says one, else by its name. */
export interface SwitchPlace {
  readonly name: string;
  readonly uuid: string | undefined;
}

export const switchPlace = ({ metadata: { Name: name, UUID: uuid } }: NodeRevision): SwitchPlace => ({
  name: String(name),
  uuid: typeof uuid === 'string' ? uuid : undefined,
});

/** The capture that wants a row. */
export interface Asker {
  /** Its number in the agent. */
  readonly key: number;
  /** Its id, which stands at the row. */
  readonly capture: string;
}

export interface BridgesOptions {
  /** Where the database is (`agent.ovsdb`). */
  readonly address: string;
  /** Id of the host: marks rows as this agent's. */
  readonly owner: string;
  /** A row went away, or the connection: the capture under this key gets nothing any more. */
  readonly lost: (key: number, reason: string) => void;
}

/** The rows by which bridges of Open vSwitch export or mirror what they switch, one for each capture that needs one. */
export class Bridges {
  private connection: Promise<Ovsdb> | undefined;
  /** Rows by key of the capture. */
  private readonly rows = new Map<number, OwnRow>();
  /** Changes of rows, one after the other. */
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly options: BridgesOptions) {}

  /** Takes away what an agent left that was killed. Says nothing where there is no switch. */
  async tidy(): Promise<void> {
    try {
      await this.inTurn(() => Promise.resolve());
    } catch {
      // It is tried again with the first capture.
    }
    this.closeWhenIdle();
  }

  /** Has a bridge export to a collector. Throws `NOT_FOUND`, retriable, without the bridge, `UNAVAILABLE` when somebody else has it export already. */
  export({ key, capture }: Asker, exporter: Exporter, bridge: SwitchPlace, row: Readonly<Record<string, OvsValue>>): Promise<void> {
    const table = EXPORTERS[exporter];
    return this.inTurn(async (database) => {
      const found = await this.find(database, 'Bridge', bridge, [exporter]);
      const where = [['_uuid', '==', found._uuid]];
      if (elements(found[exporter]).length > 0)
        throw new CanopyError('UNAVAILABLE', `the bridge ${bridge.name} exports ${table} for somebody else already`, { retriable: true });
      const [inserted] = await database.transact(
        { op: 'insert', table, row: { ...row, ...this.mark(capture) }, 'uuid-name': 'row' },
        { op: 'wait', table: 'Bridge', where, columns: [exporter], until: '==', rows: [{ [exporter]: ['set', []] }], timeout: 0 },
        { op: 'update', table: 'Bridge', where, row: { [exporter]: ['named-uuid', 'row'] } },
        CONFIGURE,
      );
      this.rows.set(key, { table, uuid: inserted!.uuid![1] });
    });
  }

  /** Makes a port on the same bridge that gets everything of this one. Resolves with the name of its interface, once that is there. */
  mirror({ key, capture }: Asker, port: SwitchPlace): Promise<string> {
    return this.inTurn(async (database) => {
      const found = await this.find(database, 'Port', port, ['external_ids']);
      const id = idOf(found._uuid!);
      if (OWNER in mapIn(found, 'external_ids')) throw new CanopyError('BAD_INPUT', `the port ${port.name} is itself a mirror`);
      const name = `mir${id.slice(0, MIRROR_NAME)}`;
      const mark = this.mark(capture);
      // The port of a mirror that somebody took away alone.
      for (const row of await this.ownRows(database, ['Port'], name)) await this.removeRow(database, row);
      const results = await database.transact(
        {
          op: 'insert',
          table: 'Mirror',
          row: { name, select_src_port: ['uuid', id], select_dst_port: ['uuid', id], output_port: ['named-uuid', 'port'], ...mark },
          'uuid-name': 'mirror',
        },
        { op: 'insert', table: 'Interface', row: { name, type: 'internal', ...mark }, 'uuid-name': 'interface' },
        { op: 'insert', table: 'Port', row: { name, interfaces: ['named-uuid', 'interface'], ...mark }, 'uuid-name': 'port' },
        {
          op: 'mutate',
          table: 'Bridge',
          where: [['ports', 'includes', ['set', [['uuid', id]]]]],
          mutations: [
            ['ports', 'insert', ['named-uuid', 'port']],
            ['mirrors', 'insert', ['named-uuid', 'mirror']],
          ],
        },
        CONFIGURE,
      );
      this.rows.set(key, { table: 'Mirror', uuid: results[0]!.uuid![1] });
      try {
        await database.transact({
          op: 'wait',
          table: 'Interface',
          where: [['_uuid', '==', results[1]!.uuid]],
          columns: ['ofport'],
          until: '!=',
          rows: [{ ofport: ['set', []] }],
          timeout: PORT_PATIENCE,
        });
      } catch (cause) {
        await this.remove(database, [key]);
        throw new CanopyError('UNAVAILABLE', `Open vSwitch makes no interface ${name}: is ovs-vswitchd running?`, {
          retriable: true,
          cause,
        });
      }
      return name;
    });
  }

  /** Takes the row of a capture away, also one that is still being made; nothing where there is none. */
  release(key: number): Promise<void> {
    this.turn = this.turn.then(async () => {
      try {
        if (this.connection !== undefined) await this.remove(await this.connection, [key]);
      } catch {
        // It goes when the connection is back.
        this.rows.delete(key);
      }
    });
    this.closeWhenIdle();
    return this.turn;
  }

  /** Takes all rows away; a switch that does not answer in time is left with them until the next start. */
  async close(): Promise<void> {
    for (const key of this.rows.keys()) void this.release(key);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_WITHIN)));
    await Promise.race([this.turn, late]);
    clearTimeout(timer);
    void this.connection?.then((database) => database.close()).catch(() => undefined);
  }

  /** Work on the database, when that of others is done; connects first where nobody has. */
  private inTurn<Result>(work: (database: Ovsdb) => Promise<Result>): Promise<Result> {
    const mine = this.turn.then(async () => work(await (this.connection ??= this.connect())));
    this.turn = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  private async connect(): Promise<Ovsdb> {
    try {
      const database = await Ovsdb.open(this.options.address);
      database.onLost = (reason) => this.connectionLost(reason);
      await this.removeStrays(database);
      const changed = (): void => void this.inTurn((current) => this.verify(current)).catch(() => undefined);
      await database.monitor({ Bridge: ['ports', 'mirrors', 'sflow', 'netflow'] }, changed);
      return database;
    } catch (error) {
      this.connection = undefined;
      throw error;
    }
  }

  private connectionLost(reason: string): void {
    this.connection = undefined;
    const keys = [...this.rows.keys()];
    this.rows.clear();
    for (const key of keys) this.options.lost(key, `the connection to Open vSwitch is lost: ${reason}`);
  }

  /** Looks whether somebody took a row away: one to which no bridge refers is gone. */
  private async verify(database: Ovsdb): Promise<void> {
    const there = new Set((await this.ownRows(database, TABLES)).map(({ uuid }) => uuid));
    for (const [key, { table, uuid }] of this.rows) {
      if (there.has(uuid)) continue;
      this.rows.delete(key);
      this.options.lost(key, `somebody took the ${table} row of this capture, or its bridge, out of Open vSwitch`);
    }
  }

  private async removeStrays(database: Ovsdb): Promise<void> {
    for (const row of await this.ownRows(database, TABLES)) await this.removeRow(database, row);
  }

  private async remove(database: Ovsdb, keys: readonly number[]): Promise<void> {
    for (const key of keys) {
      const row = this.rows.get(key);
      this.rows.delete(key);
      if (row !== undefined) await this.removeRow(database, row);
    }
  }

  private async removeRow(database: Ovsdb, { table, uuid }: OwnRow): Promise<void> {
    const reference = ['uuid', uuid];
    if (table === 'sFlow' || table === 'NetFlow') {
      const column = table === 'sFlow' ? 'sflow' : 'netflow';
      const cleared = { op: 'update', table: 'Bridge', where: [[column, '==', reference]], row: { [column]: ['set', []] } };
      return void (await database.transact(cleared, CONFIGURE));
    }
    if (table === 'Mirror') {
      const [mirrors] = await database.transact({ op: 'select', table, where: [['_uuid', '==', reference]], columns: ['output_port'] });
      const [port] = elements(mirrors!.rows![0]?.output_port);
      await database.transact(takenOut('mirrors', reference), ...(port === undefined ? [] : [takenOut('ports', port)]), CONFIGURE);
      return;
    }
    await database.transact(takenOut('ports', reference), CONFIGURE);
  }

  /** Rows that this agent made, those of a life before too. */
  private async ownRows(database: Ovsdb, tables: readonly Table[], name?: string): Promise<OwnRow[]> {
    const isOurs = ['external_ids', 'includes', ['map', [[OWNER, this.options.owner]]]];
    const where = name === undefined ? [isOurs] : [isOurs, ['name', '==', name]];
    const results = await database.transact(...tables.map((table) => ({ op: 'select', table, where, columns: ['_uuid'] })));
    return results.flatMap(({ rows = [] }, index) => rows.map(({ _uuid }) => ({ table: tables[index]!, uuid: idOf(_uuid!) })));
  }

  private async find(database: Ovsdb, table: 'Bridge' | 'Port', { name, uuid }: SwitchPlace, columns: readonly string[]): Promise<OvsRow> {
    const where = [uuid === undefined ? ['name', '==', name] : ['_uuid', '==', ['uuid', uuid]]];
    const [found] = await database.transact({ op: 'select', table, where, columns: ['_uuid', ...columns] });
    const row = found!.rows![0];
    if (row === undefined) throw new CanopyError('NOT_FOUND', `Open vSwitch has no ${table.toLowerCase()} ${name}`, { retriable: true });
    return row;
  }

  private mark(capture: string): { external_ids: OvsValue } {
    return {
      external_ids: [
        'map',
        [
          [OWNER, this.options.owner],
          [CAPTURE, capture],
        ],
      ],
    };
  }

  private closeWhenIdle(): void {
    this.turn = this.turn.then(async () => {
      if (this.rows.size > 0 || this.connection === undefined) return;
      const database = await this.connection;
      this.connection = undefined;
      database.close();
    });
  }
}

/** Has the switch look at its configuration again. */
const CONFIGURE: OvsOperation = { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] };

/** Takes a row out of the list of whichever bridge has it; one that no list has is gone. */
const takenOut = (column: 'mirrors' | 'ports', reference: unknown): OvsOperation => ({
  op: 'mutate',
  table: 'Bridge',
  where: [[column, 'includes', ['set', [reference]]]],
  mutations: [[column, 'delete', ['set', [reference]]]],
});

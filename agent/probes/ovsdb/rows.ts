import type { OvsRow, OvsUpdate } from '../../ovsdb/ovsdb.js';

/** What the probe looks at, by table (ovs-vswitchd.conf.db(5)). Counters are asked for apart: they change all the time. */
const COLUMNS = {
  Open_vSwitch: ['ovs_version', 'db_version', 'other_config', 'external_ids'],
  Bridge: ['name', 'ports', 'mirrors', 'datapath_type', 'fail_mode', 'protocols', 'other_config', 'external_ids'],
  Port: ['name', 'interfaces', 'tag', 'trunks', 'vlan_mode', 'bond_mode', 'lacp', 'other_config', 'external_ids'],
  Interface: [
    'name',
    'type',
    'ofport',
    'mac',
    'mac_in_use',
    'ifindex',
    'mtu',
    'link_state',
    'options',
    'status',
    'error',
    'other_config',
    'external_ids',
  ],
  Mirror: ['name', 'select_all', 'select_src_port', 'select_dst_port', 'select_vlan', 'output_port', 'output_vlan'],
} as const;
export type Table = keyof typeof COLUMNS;
const TABLES = Object.keys(COLUMNS) as readonly Table[];

/** Those of the columns that this version of the database has. */
export const columnsOf = (schema: ReadonlyMap<string, ReadonlySet<string>>): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    TABLES.flatMap((table) => {
      const known = schema.get(table);
      return known === undefined ? [] : [[table, COLUMNS[table].filter((column) => known.has(column))]];
    }),
  );

/** The rows of the database as it told of them last. */
export class SwitchRows {
  private readonly tables: Readonly<Record<Table, Map<string, OvsRow>>> = {
    Open_vSwitch: new Map(),
    Bridge: new Map(),
    Port: new Map(),
    Interface: new Map(),
    Mirror: new Map(),
  };

  of(table: Table): ReadonlyMap<string, OvsRow> {
    return this.tables[table];
  }

  /** Takes what changed. Answers how many rows that were. */
  apply(update: OvsUpdate): number {
    let count = 0;
    for (const table of TABLES) {
      for (const [id, { new: row }] of Object.entries(update[table] ?? {})) {
        count++;
        if (row === undefined || row === null) this.tables[table].delete(id);
        else this.tables[table].set(id, row);
      }
    }
    return count;
  }

  clear(): void {
    for (const table of TABLES) this.tables[table].clear();
  }
}

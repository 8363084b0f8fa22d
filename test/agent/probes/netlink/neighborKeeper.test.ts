import { beforeEach, describe, expect, it } from 'vitest';
import { LINUX } from '../../../../agent/linux/abi.js';
import { decodeNeighbor, type NeighborMessage } from '../../../../agent/linux/netlink/neighbor.js';
import { LinkTable } from '../../../../agent/probes/netlink/linkTable.js';
import { NeighborKeeper } from '../../../../agent/probes/netlink/neighborKeeper.js';
import { neighborBody, type NeighborFields } from '../../linux/netlink/bytes.js';

const neighbor = (fields: Partial<NeighborFields>): NeighborMessage =>
  decodeNeighbor(
    neighborBody({ ifIndex: 3, address: [10, 7, 0, 9], hardwareAddress: [2, 0, 0, 0, 0, 9], state: LINUX.NUD_REACHABLE, ...fields }),
  ) as NeighborMessage;

describe('neighbours', () => {
  let keeper: NeighborKeeper;
  beforeEach(() => {
    keeper = new NeighborKeeper(new LinkTable('Neighbors'));
  });
  /** Whether rows changed since the last look. */
  const hasChanged = (): boolean => keeper.table.takeChanges().some(({ put, remove }) => put.length + remove.length > 0);

  it('are rows with the keys that metadata has for them', () => {
    keeper.add(neighbor({ flags: LINUX.NTF_ROUTER }));
    expect(keeper.table.shownOf(3)).toEqual({
      '10.7.0.9': { MAC: '02:00:00:00:00:09', IP: '10.7.0.9', State: ['NUD_REACHABLE'], Flags: ['NTF_ROUTER'], IfIndex: 3 },
    });
  });

  it('turn among their lively states without a change, measured by the key of the row', () => {
    keeper.add(neighbor({}));
    expect(hasChanged()).toBe(true);
    for (const state of [LINUX.NUD_STALE, LINUX.NUD_DELAY, LINUX.NUD_PROBE]) keeper.add(neighbor({ state }));
    expect(hasChanged()).toBe(false);
    expect(keeper.takeStates()).toEqual([{ ifIndex: 3, states: { '10.7.0.9': { State: ['NUD_PROBE'] } } }]);
    keeper.add(neighbor({}));
    expect(keeper.takeStates()).toEqual([{ ifIndex: 3, states: {} }]);
    expect(keeper.takeStates()).toEqual([]);
  });

  it.each([
    ['a new address', { hardwareAddress: [2, 0, 0, 0, 0, 8] }],
    ['failing', { state: LINUX.NUD_FAILED, hardwareAddress: undefined }],
    ['being fixed', { state: LINUX.NUD_PERMANENT }],
    ['another flag', { flags: LINUX.NTF_ROUTER }],
  ])('change by %s', (_what, fields) => {
    keeper.add(neighbor({}));
    keeper.add(neighbor({ state: LINUX.NUD_STALE }));
    hasChanged();
    keeper.add(neighbor(fields as Partial<NeighborFields>));
    expect(hasChanged()).toBe(true);
    expect(keeper.takeStates()).toEqual([{ ifIndex: 3, states: {} }]);
    keeper.remove(neighbor({}));
    expect(hasChanged()).toBe(true);
  });

  it('that need no resolving are left out, in a forwarding table they are not', () => {
    keeper.add(neighbor({ state: LINUX.NUD_NOARP }));
    expect(keeper.table.shownOf(3)).toEqual({});
    keeper.add(neighbor({ family: LINUX.AF_BRIDGE, state: LINUX.NUD_NOARP, address: undefined, vlan: 5 }));
    expect(Object.values(keeper.table.shownOf(3))).toEqual([
      { MAC: '02:00:00:00:00:09', Vlan: 5, State: ['NUD_NOARP'], Flags: [], IfIndex: 3 },
    ]);
  });

  it('of a forwarding table are told apart by VLAN, far end and owner', () => {
    const entry = { family: LINUX.AF_BRIDGE, state: LINUX.NUD_PERMANENT, address: undefined };
    keeper.add(neighbor(entry));
    keeper.add(neighbor({ ...entry, flags: LINUX.NTF_SELF }));
    keeper.add(neighbor({ ...entry, vlan: 5 }));
    keeper.add(neighbor({ ...entry, flags: LINUX.NTF_SELF, address: [10, 0, 0, 2], vni: 42 }));
    keeper.add(neighbor({ ...entry, flags: LINUX.NTF_SELF, address: [10, 0, 0, 3], vni: 42 }));
    expect(Object.keys(keeper.table.shownOf(3))).toHaveLength(5);
  });

  it('agree with a reading', () => {
    keeper.add(neighbor({}));
    keeper.add(neighbor({ address: [10, 7, 0, 8] }));
    keeper.read([neighbor({ state: LINUX.NUD_STALE }), neighbor({ address: [10, 7, 0, 7] })]);
    expect(Object.keys(keeper.table.shownOf(3)).sort()).toEqual(['10.7.0.7', '10.7.0.9']);
  });
});

describe('a table of a link', () => {
  it('shows so many rows, tells how many there are, and fills up when some go', () => {
    const table = new LinkTable('RoutingTables', 3);
    for (let index = 0; index < 5; index++) table.put(7, `k${index}`, { index });
    expect(Object.keys(table.shownOf(7))).toEqual(['k0', 'k1', 'k2']);
    expect(table.truncatedTo(7)).toBe(5);
    expect(table.takeChanges()).toEqual([
      {
        ifIndex: 7,
        put: [
          ['k0', { index: 0 }],
          ['k1', { index: 1 }],
          ['k2', { index: 2 }],
        ],
        remove: [],
      },
    ]);
    table.remove(7, 'k1');
    table.remove(7, 'k4');
    expect(table.takeChanges()).toEqual([{ ifIndex: 7, put: [['k3', { index: 3 }]], remove: ['k1'] }]);
    expect(table.truncatedTo(7)).toBeUndefined();
    table.remove(7, 'k0');
    table.put(7, 'new', {});
    table.remove(7, 'new');
    expect(table.takeChanges()).toEqual([{ ifIndex: 7, put: [], remove: ['k0', 'new'] }]);
    table.drop(7);
    expect(table.takeChanges()).toEqual([]);
  });

  it('tells of so many changed rows at once, and of each of them once', () => {
    const table = new LinkTable('RoutingTables');
    for (const ifIndex of [7, 8]) for (let index = 0; index < 3; index++) table.put(ifIndex, `k${index}`, { index });
    const keys = (most: number) => table.takeChanges(most).flatMap(({ ifIndex, put }) => put.map(([key]) => `${ifIndex} ${key}`));
    expect(keys(2)).toEqual(['7 k0', '7 k1']);
    table.remove(7, 'k2');
    table.put(7, 'k0', { index: 9 });
    expect(keys(2)).toEqual(['7 k0']);
    expect(keys(2)).toEqual(['8 k0', '8 k1']);
    expect(keys(2)).toEqual(['8 k2']);
    expect(keys(2)).toEqual([]);
  });
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LINUX } from '../../../../agent/linux/abi.js';
import { attribute } from '../../../../agent/linux/netlink/message.js';
import { decodeVirtualFunctions, type VirtualFunction } from '../../../../agent/linux/netlink/virtualFunction.js';
import { virtualFunctionsOf } from '../../../../agent/linux/sriov.js';
import { AgentGraph } from '../../../../agent/probes/kit/agentGraph.js';
import type { Link } from '../../../../agent/probes/netlink/link.js';
import { VirtualFunctions } from '../../../../agent/probes/netlink/virtualFunctions.js';
import { LiveGraph } from '../../../../src/graph/liveGraph.js';

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeInt32LE(value, index * 4));
  return bytes;
};

/** One entry of IFLA_VFINFO_LIST as the kernel writes it. */
const entry = (id: number, mac: readonly number[], [vlan, qos, rate, check, state]: readonly number[]): Buffer =>
  attribute(LINUX.IFLA_VF_INFO, [
    attribute(LINUX.IFLA_VF_MAC, Buffer.concat([words(id), Buffer.from(mac), Buffer.alloc(32 - mac.length)])),
    attribute(LINUX.IFLA_VF_VLAN, words(id, vlan!, qos!)),
    attribute(LINUX.IFLA_VF_TX_RATE, words(id, rate!)),
    attribute(LINUX.IFLA_VF_SPOOFCHK, words(id, check!)),
    attribute(LINUX.IFLA_VF_LINK_STATE, words(id, state!)),
  ]);

const body = Buffer.concat([
  Buffer.alloc(16),
  attribute(LINUX.IFLA_VFINFO_LIST, [entry(0, [2, 0, 0, 0, 0, 1], [0, 0, 0, 1, 0]), entry(1, [2, 0, 0, 0, 0, 2], [100, 3, 1_000, -1, 2])]),
]);

describe('virtual functions in a message', () => {
  it('are read by number', () => {
    expect(decodeVirtualFunctions(body)).toEqual([
      { id: 0, hardwareAddress: '02:00:00:00:00:01', vlan: 0, qos: 0, txRate: 0, isSpoofChecked: true, linkState: 0 },
      { id: 1, hardwareAddress: '02:00:00:00:00:02', vlan: 100, qos: 3, txRate: 1_000, isSpoofChecked: false, linkState: 2 },
    ]);
  });

  it('are none where bytes are cut', () => {
    for (let length = 0; length < body.length; length++) {
      expect(decodeVirtualFunctions(body.subarray(0, length)).length).toBeLessThanOrEqual(1);
    }
  });
});

describe('interfaces of SR-IOV', () => {
  let sysfs: string;
  let live: LiveGraph;
  let functions: VirtualFunctions;
  let answers: readonly VirtualFunction[];
  let written: string[];
  let writer: ReturnType<AgentGraph['writer']>;
  const PF = '0000:05:00.0';

  const setFunctions = (count: number): void => {
    const folder = join(sysfs, 'bus/pci/devices', PF);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'sriov_numvfs'), `${count}\n`);
    writeFileSync(join(folder, 'sriov_offset'), '128\n');
    writeFileSync(join(folder, 'sriov_stride'), '2\n');
    answers = decodeVirtualFunctions(body).slice(0, count);
  };
  const link = (id: string, busInfo: string): Link => {
    writer.putNode({ id, parent: 'host', metadata: { Type: 'device', Name: id } });
    return { id, driver: { driver: 'ixgbe', busInfo } } as unknown as Link;
  };
  const edges = (): string[] => {
    const view = live.view();
    const found = [...view.edges()]
      .filter(({ metadata }) => metadata.RelationType === 'vf')
      .map(({ parent, child }) => `${parent}>${child}`);
    view.release();
    return found.sort();
  };

  beforeEach(() => {
    sysfs = mkdtempSync(join(tmpdir(), 'sriov-'));
    live = new LiveGraph({ now: () => 1 });
    const graph = new AgentGraph('host', (deltas) => live.apply({ origin: 'agent.host', deltas, immediate: true }));
    writer = graph.writer('netlink');
    writer.putNode({ id: 'host', parent: undefined, metadata: { Type: 'host', Name: 'host' } });
    written = [];
    functions = new VirtualFunctions({ graph: writer, read: () => answers, write: ({ id }) => void written.push(id), sysfs });
  });
  afterEach(() => rmSync(sysfs, { recursive: true, force: true }));

  it('have addresses by offset and stride', () => {
    setFunctions(2);
    expect(virtualFunctionsOf(PF, sysfs)).toEqual(['0000:05:10.0', '0000:05:10.2']);
    expect(virtualFunctionsOf('0000:06:00.0', sysfs)).toEqual([]);
    expect(virtualFunctionsOf('tap', sysfs)).toEqual([]);
  });

  it('are tied to their physical function, whichever comes first, and let go of it', () => {
    setFunctions(2);
    const [first, second] = [link('vf0', '0000:05:10.0'), link('vf1', '0000:05:10.2')];
    const physfn = join(sysfs, 'bus/pci/devices/0000:05:10.2');
    mkdirSync(physfn, { recursive: true });
    symlinkSync(`../${PF}`, join(physfn, 'physfn'));
    functions.changed(first);
    const physical = link('pf', PF);
    functions.changed(physical);
    expect(edges()).toEqual(['pf>vf0']);
    functions.changed(second);
    expect(edges()).toEqual(['pf>vf0', 'pf>vf1']);
    expect(physical.virtualFunctions).toEqual([
      { ID: 0, Spoofchk: true, MAC: '02:00:00:00:00:01' },
      { ID: 1, Spoofchk: false, LinkState: 2, MAC: '02:00:00:00:00:02', Qos: 3, TxRate: 1_000, Vlan: 100 },
    ]);
    expect([first.virtualFunctionId, second.virtualFunctionId]).toEqual([0, 1]);
    expect(new Set(written)).toEqual(new Set(['pf', 'vf0', 'vf1']));
    setFunctions(0);
    functions.readAgain();
    expect(edges()).toEqual([]);
    expect([physical.virtualFunctions, first.virtualFunctionId]).toEqual([undefined, undefined]);
  });

  it('that went and came back are tied again', () => {
    setFunctions(1);
    const physical = link('pf', PF);
    functions.changed(physical);
    const before = link('vf0', '0000:05:10.0');
    functions.changed(before);
    functions.readAgain();
    expect(edges()).toEqual(['pf>vf0']);
    functions.gone(before);
    writer.removeNode('vf0');
    expect(edges()).toEqual([]);
    functions.changed(link('again', '0000:05:10.0'));
    functions.readAgain();
    expect(edges()).toEqual(['pf>again']);
  });
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { decodeDriver } from '../../../../agent/linux/ethtool.js';
import { decodeLink } from '../../../../agent/linux/netlink/link.js';
import { decodeVirtualFunctions } from '../../../../agent/linux/netlink/virtualFunction.js';
import { decodeStatisticNames, decodeStatisticsCount, decodeStatisticValues } from '../../../../agent/linux/statistics.js';
import { AgentGraph } from '../../../../agent/probes/kit/agentGraph.js';
import { linkMetadata, type Link } from '../../../../agent/probes/netlink/link.js';
import { Relations } from '../../../../agent/probes/netlink/relations.js';
import { VirtualFunctions } from '../../../../agent/probes/netlink/virtualFunctions.js';
import type { WatchedNamespace } from '../../../../agent/probes/netlink/watchedNamespace.js';
import { LiveGraph } from '../../../../src/graph/liveGraph.js';
import { bytes, readRecording, type IpLink, type RecordedLink } from '../../linux/recordings/recording.js';

const recording = readRecording();
const indexOf = (name: string | undefined): number | undefined => recording.links.find((link) => link.name === name)?.ip.ifindex;

/** Without what is `undefined`, so that `toEqual` also demands that nothing more is there. */
const given = (object: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

const STATES: Readonly<Record<string, string>> = { LOWERLAYERDOWN: 'LOWER-LAYER-DOWN', NOTPRESENT: 'NOT-PRESENT' };

/** Where a tunnel has an IP address for a hardware address, `ip` writes it as one; what has only zeros has none. */
function mac(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const octets = isIP(address) === 0 ? address.split(':').map((octet) => parseInt(octet, 16)) : ipaddr.parse(address).toByteArray();
  if (octets.every((octet) => octet === 0)) return undefined;
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** `0.0.1.0` as 256, and 0 as none. */
const key = (text: unknown): number | undefined =>
  text === undefined
    ? undefined
    : ipaddr.IPv4.parse(String(text))
        .toByteArray()
        .reduce((value, octet) => value * 256 + octet, 0) || undefined;

const end = (text: unknown): unknown => (text === 'any' ? undefined : text);

const TUNNELS = ['vxlan', 'geneve', 'gre', 'gretap', 'erspan', 'ip6gre', 'ip6gretap', 'ip6erspan', 'ipip', 'sit', 'ip6tnl', 'vti', 'vti6'];

function tunnel(kind: string | undefined, data: Readonly<Record<string, unknown>>): unknown {
  if (!TUNNELS.includes(kind ?? '')) return undefined;
  const ends = given({
    Local: end(data.local ?? data.local6),
    Remote: end(data.remote ?? data.remote6),
    Port: data.port,
    InKey: key(data.ikey),
    OutKey: key(data.okey),
    TTL: data.ttl || undefined,
  });
  return ends;
}

/** What our metadata has to be, as `ip` tells it. */
function expected({
  linkinfo: { info_kind: kind, info_data: data = {}, info_slave_kind: slaveKind, info_slave_data: slave = {} } = {},
  ...ip
}: IpLink) {
  const isPair = kind === 'veth' || kind === 'netkit' || kind === 'vxcan';
  const parent = indexOf(ip.link) ?? ip.link_index;
  const tunnelEnds = tunnel(kind, data) as object | undefined;
  return given({
    Name: ip.ifname,
    Type: kind === 'tun' ? 'tuntap' : (kind ?? 'device'),
    EncapType: ip.link_type,
    IfIndex: ip.ifindex,
    State: STATES[ip.operstate] ?? ip.operstate,
    LinkFlags: ['UP', 'BROADCAST', 'LOOPBACK', 'POINTTOPOINT', 'MULTICAST'].filter((flag) =>
      ip.flags.includes(flag === 'POINTTOPOINT' ? 'POINTOPOINT' : flag),
    ),
    MTU: ip.mtu,
    MAC: mac(ip.address),
    MasterIndex: indexOf(ip.master),
    ParentIndex: parent,
    PeerIfIndex: isPair ? parent : undefined,
    LinkNetNsID: ip.link_netnsid,
    Vlan: kind === 'vlan' ? data.id : undefined,
    VlanProtocol: kind === 'vlan' && data.protocol === '802.1ad' ? '802.1ad' : undefined,
    VNI: kind === 'vxlan' || kind === 'geneve' ? data.id : undefined,
    Tunnel: tunnelEnds !== undefined && Object.keys(tunnelEnds).length > 0 ? tunnelEnds : undefined,
    VrfTable: kind === 'vrf' ? data.table : undefined,
    XfrmID: kind === 'xfrm' ? Number(data.if_id) : undefined,
    MacvlanMode: kind === 'macvlan' || kind === 'macvtap' ? data.mode : undefined,
    IpvlanMode: kind === 'ipvlan' || kind === 'ipvtap' ? data.mode : undefined,
    BondMode: kind === 'bond' ? data.mode : undefined,
    BondActiveSlave: kind === 'bond' ? indexOf(data.active_slave as string | undefined) : undefined,
    SpanningTree: kind === 'bridge' ? data.stp_state !== 0 : undefined,
    VlanFiltering: kind === 'bridge' ? data.vlan_filtering !== 0 : undefined,
    BondSlave:
      slaveKind === 'bond'
        ? given({
            Type: 'bond',
            State: slave.state,
            MiiStatus: slave.mii_status,
            LinkFailureCount: slave.link_failure_count,
            PermMAC: slave.perm_hwaddr,
            QueueId: slave.queue_id,
            AggregatorId: slave.ad_aggregator_id,
            AdActorOperPortState: slave.ad_actor_oper_port_state,
            AdPartnerOperPortState: slave.ad_partner_oper_port_state,
          })
        : undefined,
  });
}

const driverOf = ({ driver }: RecordedLink) => (driver === undefined ? undefined : decodeDriver(bytes(driver)));

/** A link of the recording as the probe keeps it. */
const linkOf = (recorded: RecordedLink, namespace?: WatchedNamespace): Link =>
  ({
    id: recorded.name,
    namespace,
    message: decodeLink(bytes(recorded.message))!,
    driver: driverOf(recorded),
    ipv4: [],
    ipv6: [],
    edges: new Set(),
  }) as unknown as Link;

describe(`a link as Linux ${recording.kernel} tells of it`, () => {
  it('is of every kind that this machine cannot make', () => {
    const kinds = new Set(recording.links.map(({ ip }) => ip.linkinfo?.info_kind));
    const made =
      'dummy vlan bond bridge vrf team vxlan geneve gre gretap erspan ip6gre ip6gretap ip6erspan ipip sit ip6tnl vti vti6 xfrm macvlan macvtap ipvlan ipvtap macsec hsr batadv vcan vxcan nlmon ifb netkit gtp wireguard tun veth';
    expect(made.split(' ').filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(recording.lacks).toEqual([]);
  });

  it.each(recording.links.map((link) => [link.name, link.ip.linkinfo?.info_kind ?? 'device', link] as const))(
    '%s (%s) is what ip shows',
    (_name, _kind, recorded) => {
      const { Driver, BusInfo, ...metadata } = linkMetadata(linkOf(recorded), () => undefined);
      expect(metadata).toEqual(expected(recorded.ip));
      expect(Driver).toBe(driverOf(recorded)?.driver ?? '');
      if (recorded.ip.parentdev !== undefined) expect(BusInfo).toBe(recorded.ip.parentdev);
    },
  );
});

/** A graph with a node for each of the links. */
function graphOf(links: readonly Link[]) {
  const live = new LiveGraph({ now: () => 1 });
  const graph = new AgentGraph('host', (deltas) => live.apply({ origin: 'agent.host', deltas, immediate: true })).writer('netlink');
  graph.putNode({ id: 'host', parent: undefined, metadata: { Type: 'host', Name: 'host' } });
  for (const { id } of links) graph.putNode({ id, parent: 'host', metadata: { Type: 'device', Name: id } });
  const edges = (...types: string[]): string[] => {
    const view = live.view();
    const found = [...view.edges()].filter(({ metadata }) => types.includes(String(metadata.RelationType)));
    view.release();
    return found
      .map(({ parent, child, metadata }) => [parent, metadata.RelationType, metadata.Type, child].filter(Boolean).join(' '))
      .sort();
  };
  return { graph, edges };
}

describe('the recorded links', () => {
  const namespace = { links: new Map<number, Link>(), dependants: new Map() } as unknown as WatchedNamespace;
  const links = recording.links.map((recorded) => linkOf(recorded, namespace));

  it('have edges to their masters, to the links below them, and between the ends of pairs', () => {
    const { graph, edges } = graphOf(links);
    const relations = new Relations({ graph, resolve: () => undefined, refresh: () => undefined });
    for (const link of links) {
      namespace.links.set(link.message.ifIndex, link);
      relations.changed(link);
    }
    for (const link of links) relations.changed(link);
    expect(edges('layer2', 'lower')).toEqual(
      [
        ...[
          'bond layer2 port',
          'bond layer2 port2',
          'bond.ad layer2 port3',
          'bridge layer2 port4',
          'red layer2 port5',
          'team layer2 port6',
        ],
        ...['batadv layer2 low2', 'low layer2 vlan vlan', 'low layer2 vlan vlan.ad'],
        ...['veth.peer layer2 veth veth', 'netkit.peer layer2 netkit netkit', 'canpair layer2 vxcan canpeer'].map(higherFirst),
        ...['macvlan macvlan', 'macvlan macvlan.v', 'macvtap macvtap', 'vxlan vxlan', 'vxlan vxlan6'].map((edge) => `low lower ${edge}`),
        ...['gretap gretap', 'ip6gretap ip6gretap', 'ipip ipip', 'xfrm xfrm'].map((edge) => `low lower ${edge}`),
        ...['low2 lower ipvlan ipvlan', 'low3 lower ipvtap ipvtap', 'low4 lower macsec macsec', 'low5 lower hsr hsr', 'low6 lower hsr hsr'],
      ].sort(),
    );
    relations.remove(links.find(({ id }) => id === 'low')!);
    expect(edges('layer2', 'lower').filter((edge) => edge.startsWith('low '))).toEqual([]);
  });

  /** In a pair the end with the higher index is the parent. */
  const higherFirst = (edge: string): string => {
    const [one, relation, type, other] = edge.split(' ') as [string, string, string, string];
    return indexOf(one)! > indexOf(other)! ? edge : [other, relation, type, one].join(' ');
  };

  it('of an adapter with SR-IOV are tied to its virtual functions', () => {
    const sysfs = mkdtempSync(join(tmpdir(), 'sriov-'));
    try {
      for (const [name, content] of Object.entries(recording.sysfs)) {
        const path = join(sysfs, 'bus/pci/devices', name);
        mkdirSync(dirname(path), { recursive: true });
        if (name.endsWith('physfn')) symlinkSync(content, path);
        else writeFileSync(path, `${content}\n`);
      }
      const { graph, edges } = graphOf(links);
      const recordedOf = ({ id }: Link) => recording.links.find(({ name }) => name === id)!;
      const functions = new VirtualFunctions({
        graph,
        read: (link) => decodeVirtualFunctions(bytes(recordedOf(link).functions ?? '')),
        write: () => undefined,
        sysfs,
      });
      for (const link of links) functions.changed(link);
      const [physical, ...virtual] = ['eth0', 'eth1', 'eth2'].map((name) => links.find(({ id }) => id === name)!);
      expect(edges('vf')).toEqual(['eth0 vf eth1', 'eth0 vf eth2']);
      expect(virtual.map(({ virtualFunctionId }) => virtualFunctionId)).toEqual([0, 1]);
      expect(physical!.virtualFunctions).toEqual(
        recordedOf(physical!).ip.vfinfo_list!.map(({ vf, address, vlan_list: [vlan], rate, spoofchk, link_state: state }) =>
          given({
            ID: vf,
            MAC: address,
            Spoofchk: spoofchk,
            LinkState: ['auto', 'enable', 'disable'].indexOf(state) || undefined,
            Vlan: vlan?.vlan,
            Qos: vlan?.qos,
            TxRate: rate.max_tx || undefined,
          }),
        ),
      );
      expect(physical!.virtualFunctions).toHaveLength(2);
    } finally {
      rmSync(sysfs, { recursive: true, force: true });
    }
  });

  it.each(recording.statistics.map((one) => [one.name, one] as const))('have the statistics that ethtool shows: %s', (_name, one) => {
    const count = decodeStatisticsCount(bytes(one.info))!;
    const { names } = decodeStatisticNames(bytes(one.strings), count, undefined)!;
    const values = decodeStatisticValues(bytes(one.values), count)!;
    expect(names).toHaveLength(count);
    // Traffic that goes on between the two readings is counted: what never moves is compared exactly.
    expect(names).toEqual(Object.keys(one.ethtool));
    names.forEach((name, index) => expect(values[index]).toBeGreaterThanOrEqual(one.ethtool[name]!));
  });
});

import { describe, expect, it } from 'vitest';
import { LINUX } from '../../../../agent/linux/abi.js';
import { decodeLink } from '../../../../agent/linux/netlink/link.js';
import { attribute, number32 } from '../../../../agent/linux/netlink/message.js';
import { linkMetadata, type Link } from '../../../../agent/probes/netlink/link.js';
import { linkBody, number16, number8, type LinkFields } from '../../linux/netlink/bytes.js';

/** In the order of the network. */
const network16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);

/** Metadata of a link of which the kernel says this. */
function metadataOf(fields: LinkFields, driver?: string) {
  const message = decodeLink(linkBody(fields))!;
  const link = {
    message,
    driver: driver === undefined ? undefined : { driver, busInfo: '' },
    speed: undefined,
    ipv4: [],
    ipv6: [],
  } as unknown as Link;
  return linkMetadata(link, () => 'blue');
}

describe('a link of a kind that this kernel does not have', () => {
  it('vlan: its number and the link below', () => {
    const data = [attribute(LINUX.IFLA_VLAN_ID, number16(100))];
    expect(metadataOf({ index: 9, name: 'eth0.100', link: 4, kind: 'vlan', data })).toMatchObject({
      Type: 'vlan',
      Vlan: 100,
      ParentIndex: 4,
      MTU: 1500,
    });
  });

  it.each([...['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'].entries()])(
    'bond: mode %i is %s',
    (mode, name) => {
      const data = [attribute(LINUX.IFLA_BOND_MODE, number8(mode))];
      expect(metadataOf({ index: 9, name: 'bond0', kind: 'bond', data })).toMatchObject({ Type: 'bond', BondMode: name });
    },
  );

  it('link in a bond: its state there', () => {
    const slaveData = [
      attribute(LINUX.IFLA_BOND_SLAVE_STATE, number8(1)),
      attribute(LINUX.IFLA_BOND_SLAVE_MII_STATUS, number8(2)),
      attribute(LINUX.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, number32(3)),
      attribute(LINUX.IFLA_BOND_SLAVE_PERM_HWADDR, Buffer.from([2, 0, 0, 0, 0, 10])),
      attribute(LINUX.IFLA_BOND_SLAVE_QUEUE_ID, number16(4)),
      attribute(LINUX.IFLA_BOND_SLAVE_AD_AGGREGATOR_ID, number16(5)),
      attribute(LINUX.IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE, number8(61)),
      attribute(LINUX.IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE, number16(63)),
    ];
    expect(metadataOf({ index: 3, name: 'eth1', master: 9, slaveKind: 'bond', slaveData })).toMatchObject({
      Type: 'device',
      MasterIndex: 9,
      BondSlave: {
        Type: 'bond',
        State: 'BACKUP',
        MiiStatus: 'DOWN',
        LinkFailureCount: 3,
        PermMAC: '02:00:00:00:00:0a',
        QueueId: 4,
        AggregatorId: 5,
        AdActorOperPortState: 61,
        AdPartnerOperPortState: 63,
      },
    });
  });

  it('port of a bridge: no state of a bond', () => {
    expect(metadataOf({ index: 3, name: 'eth1', master: 9, slaveKind: 'bridge', slaveData: [] })).not.toHaveProperty('BondSlave');
  });

  it.each([
    [
      { kind: 'vrf', data: [attribute(LINUX.IFLA_VRF_TABLE, number32(1001))] },
      { Type: 'vrf', VrfTable: 1001 },
    ],
    [
      { kind: 'geneve', data: [attribute(LINUX.IFLA_GENEVE_ID, number32(77))] },
      { Type: 'geneve', VNI: 77 },
    ],
    [
      { kind: 'ipvlan', link: 4, data: [attribute(LINUX.IFLA_IPVLAN_MODE, number16(1))] },
      { Type: 'ipvlan', IpvlanMode: 'l3', ParentIndex: 4 },
    ],
    [
      { kind: 'gre', hardwareType: 778, address: [10, 0, 0, 1] },
      { Type: 'gre', EncapType: 'gre', MAC: '0a:00:00:01' },
    ],
    [
      { kind: 'wireguard', hardwareType: 65534 },
      { Type: 'wireguard', EncapType: 'none' },
    ],
    [{ kind: 'dummy' }, { Type: 'dummy' }],
    [
      { kind: 'vlan', link: 4, data: [attribute(LINUX.IFLA_VLAN_ID, number16(7)), attribute(LINUX.IFLA_VLAN_PROTOCOL, network16(0x88a8))] },
      { Type: 'vlan', Vlan: 7, VlanProtocol: '802.1ad' },
    ],
    [
      { kind: 'bond', data: [attribute(LINUX.IFLA_BOND_ACTIVE_SLAVE, number32(12))] },
      { Type: 'bond', BondActiveSlave: 12 },
    ],
    [
      {
        kind: 'gretap',
        data: [
          attribute(LINUX.IFLA_GRE_LOCAL, Buffer.from([10, 0, 0, 1])),
          attribute(LINUX.IFLA_GRE_REMOTE, Buffer.from([10, 0, 0, 2])),
          attribute(LINUX.IFLA_GRE_IKEY, Buffer.from([0, 0, 0, 5])),
          attribute(LINUX.IFLA_GRE_OKEY, Buffer.from([0, 0, 1, 0])),
          attribute(LINUX.IFLA_GRE_TTL, number8(64)),
        ],
      },
      { Type: 'gretap', Tunnel: { Local: '10.0.0.1', Remote: '10.0.0.2', InKey: 5, OutKey: 256, TTL: 64 } },
    ],
    [
      { kind: 'ip6gre', hardwareType: 823, data: [attribute(LINUX.IFLA_GRE_REMOTE, Buffer.from([0xfd, ...Array<number>(14).fill(0), 2]))] },
      { Type: 'ip6gre', EncapType: 'gre6', Tunnel: { Remote: 'fd00::2' } },
    ],
    [
      {
        kind: 'sit',
        hardwareType: 776,
        data: [
          attribute(LINUX.IFLA_IPTUN_LOCAL, Buffer.from([0, 0, 0, 0])),
          attribute(LINUX.IFLA_IPTUN_REMOTE, Buffer.from([192, 0, 2, 1])),
        ],
      },
      { Type: 'sit', EncapType: 'sit', Tunnel: { Remote: '192.0.2.1' } },
    ],
    [
      {
        kind: 'geneve',
        data: [
          attribute(LINUX.IFLA_GENEVE_ID, number32(9)),
          attribute(LINUX.IFLA_GENEVE_REMOTE, Buffer.from([192, 0, 2, 7])),
          attribute(LINUX.IFLA_GENEVE_PORT, network16(6081)),
        ],
      },
      { VNI: 9, Tunnel: { Remote: '192.0.2.7', Port: 6081 } },
    ],
    [
      {
        kind: 'vti',
        data: [attribute(LINUX.IFLA_VTI_IKEY, Buffer.from([0, 0, 0, 1])), attribute(LINUX.IFLA_VTI_LOCAL, Buffer.from([192, 0, 2, 1]))],
      },
      { Type: 'vti', Tunnel: { Local: '192.0.2.1', InKey: 1 } },
    ],
    [
      { kind: 'xfrm', link: 2, data: [attribute(LINUX.IFLA_XFRM_IF_ID, number32(42))] },
      { Type: 'xfrm', XfrmID: 42, ParentIndex: 2 },
    ],
    [
      { kind: 'netkit', link: 8 },
      { Type: 'netkit', PeerIfIndex: 8 },
    ],
    [
      { kind: 'somethingnew', hardwareType: 4711 },
      { Type: 'somethingnew', EncapType: 'unknown4711' },
    ],
  ] as [Partial<LinkFields>, object][])('%o reads as %o', (fields, expected) => {
    expect(metadataOf({ index: 9, name: 'x', ...fields })).toMatchObject(expected);
  });

  it.each([...['UNKNOWN', 'NOT-PRESENT', 'DOWN', 'LOWER-LAYER-DOWN', 'TESTING', 'DORMANT', 'UP'].entries()])(
    'state %i is %s',
    (operState, State) => {
      expect(metadataOf({ index: 9, name: 'x', operState })).toMatchObject({ State });
    },
  );

  it('is a veth by its driver, whatever the kernel calls it', () => {
    expect(metadataOf({ index: 9, name: 'x', link: 8, linkNsId: 3 }, 'veth')).toMatchObject({
      Type: 'veth',
      PeerIfIndex: 8,
      LinkNetNsID: 3,
      LinkNetNsName: 'blue',
    });
  });
});

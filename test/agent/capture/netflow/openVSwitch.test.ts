import { afterEach, beforeEach, expect, it } from 'vitest';
import { openNetflow } from '../../../../agent/capture/netflow/open.js';
import { prepareNamespaces } from '../../../../agent/linux/namespace.js';
import { describeWith, program, root } from '../../../needs.js';
import { eventually, Lab } from '../../lab.js';
import { udpFrame } from '../frames.js';
import { OpenVSwitch } from '../ovs/openVSwitch.js';
import { Pump, sendFrames } from '../pump.js';

describeWith([root, program('ovs-vswitchd'), program('ovsdb-tool'), program('ip')], 'a collector of NetFlow of Open vSwitch', () => {
  let lab: Lab;
  let vswitch: OpenVSwitch;
  let pump: Pump | undefined;

  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
    vswitch = await OpenVSwitch.startWithBridge(lab, 'nf');
    pump = new Pump('lo', lab.path('switch'), {}, { open: openNetflow });
  });

  afterEach(async () => {
    pump?.close();
    await vswitch.close();
    await lab.close();
  });

  /** A ping, which Open vSwitch tells with type and code apart. */
  const ping = (): Buffer => {
    const frame = udpFrame({ payload: Buffer.alloc(56) });
    frame[23] = 1;
    frame.set([8, 0, 0, 0, 0, 7, 0, 1], 34);
    return frame;
  };
  const tagged = udpFrame({ destinationPort: 7_778, vlans: [42], payload: Buffer.alloc(100) });

  it.each([
    {
      table: 'NetFlow',
      column: 'netflow',
      settings: ['active_timeout=1'],
      // Version 5 knows neither MAC nor VLAN, and keeps an ICMP type in the port.
      udp: { layersPath: 'IPv4/UDP' },
      icmp: { layersPath: 'IPv4/ICMPv4', icmp: { type: 'ECHO', code: 0, id: 0 } },
      // The whole frame, with its tag.
      bytes: 146,
    },
    {
      table: 'IPFIX',
      column: 'ipfix',
      settings: ['obs_domain_id=1', 'obs_point_id=1', 'sampling=1', 'cache_active_timeout=1'],
      udp: { layersPath: 'Ethernet/IPv4/UDP', link: { a: '02:00:00:00:00:01', b: '02:00:00:00:00:02', id: 42 } },
      icmp: { layersPath: 'Ethernet/IPv4/ICMPv4', icmp: { type: 'ECHO', code: 0, id: 0 } },
      // The datagram: 20 and 8 bytes of headers, and 100.
      bytes: 128,
    },
  ])('hears what its row of $table exports', async ({ table, column, settings, udp, icmp, bytes }) => {
    const heard = pump!;
    const target = String(heard.source.facts().facts.netflowSocket).replace('0.0.0.0', '127.0.0.1');
    vswitch.control('--id=@row', 'create', table, `targets="${target}"`, ...settings, '--', 'set', 'bridge', 'nfbr', `${column}=@row`);
    const of = (path: string) => heard.flows.filter(({ layersPath }) => layersPath === path);
    await eventually(
      () => {
        sendFrames(lab.path('switch'), 'nfpa', [tagged, ping()]);
        heard.run(300);
        return heard;
      },
      () => of(udp.layersPath).some(({ transport }) => transport?.b === 7_778) && of(icmp.layersPath).length > 0,
    );
    const counted = of(udp.layersPath).find(({ transport }) => transport?.b === 7_778)!;
    expect(counted).toMatchObject({ ...udp, network: { a: '192.0.2.1', b: '192.0.2.2' }, transport: { protocol: 'UDP', a: 40_000 } });
    expect(counted.abBytes / counted.abPackets).toBe(bytes);
    expect(counted.baPackets).toBe(0);
    expect(of(icmp.layersPath)[0]).toMatchObject(icmp);
    expect(heard.source.counts().drops).not.toHaveProperty('malformed');
  });
});

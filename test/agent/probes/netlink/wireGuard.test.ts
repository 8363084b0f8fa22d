import { beforeEach, describe, expect, it } from 'vitest';
import { decodeWireGuard, type WireGuardDevice } from '../../../../agent/linux/netlink/wireguard.js';
import { AgentGraph } from '../../../../agent/probes/kit/agentGraph.js';
import type { Link } from '../../../../agent/probes/netlink/link.js';
import { MOST_ROWS } from '../../../../agent/probes/netlink/linkTable.js';
import { WireGuardLinks } from '../../../../agent/probes/netlink/wireGuard.js';
import { CanopyError } from '../../../../src/common/errors.js';
import { LiveGraph } from '../../../../src/graph/liveGraph.js';
import { readMetadata } from '../../../../src/graph/readMetadata.js';
import { bytes, readRecording } from '../../linux/recordings/recording.js';

const recorded = (): WireGuardDevice =>
  decodeWireGuard(
    readRecording()
      .wireguard.find(({ name }) => name === 'wg')!
      .messages.map(bytes),
  )!;

describe('links of WireGuard', () => {
  let live: LiveGraph;
  let links: WireGuardLinks;
  let link: Link;
  let device: WireGuardDevice | undefined;
  let failure: Error | undefined;
  let writes: number;
  let revision: number;

  const shown = () => {
    const view = live.view();
    const node = view.node('wg')!;
    const metadata = readMetadata(view, node) as Record<string, unknown>;
    revision = node.revision;
    view.release();
    return metadata;
  };

  beforeEach(() => {
    live = new LiveGraph({ now: () => 1 });
    const graph = new AgentGraph('host', (deltas) => live.apply({ origin: 'agent.host', deltas, immediate: true })).writer('netlink');
    graph.putNode({ id: 'host', parent: undefined, metadata: { Type: 'host', Name: 'host' } });
    link = {
      id: 'wg',
      hidden: {},
      message: { name: 'wg', info: { kind: 'wireguard' } },
      namespace: { namespace: { path: '/run/netns/blue' } },
    } as unknown as Link;
    device = recorded();
    failure = undefined;
    writes = 0;
    const put = (tables = {}): void =>
      graph.putNode({ id: 'wg', parent: 'host', metadata: { Type: 'wireguard', Name: 'wg', WireGuard: link.wireGuard ?? {} }, tables });
    links = new WireGuardLinks({
      graph,
      read: () => {
        if (failure !== undefined) throw failure;
        return device;
      },
      write: () => {
        writes++;
        put(undefined);
      },
    });
    put(links.appeared(link));
  });

  it('appear with their peers, and are measured when it is time', () => {
    const [first, second] = device!.peers as [WireGuardDevice['peers'][0], WireGuardDevice['peers'][0]];
    expect(shown()).toMatchObject({
      WireGuard: { PublicKey: device!.publicKey, ListenPort: 51_820, FwMark: 0x77 },
      WireGuardPeers: [
        { PublicKey: first.publicKey, Endpoint: '127.0.0.1:51821', AllowedIPs: ['10.7.0.2/32', 'fd07::2/128'], PersistentKeepalive: 25 },
        { PublicKey: second.publicKey, Endpoint: '[fd00::9]:51822', AllowedIPs: ['10.8.0.0/16'] },
      ],
    });
    const before = revision;
    links.readAgain(false);
    expect((shown().WireGuardPeers as object[])[0]).not.toHaveProperty('RxBytes');
    links.readAgain(true);
    const [measured, silent] = shown().WireGuardPeers as Record<string, unknown>[];
    expect(measured).toMatchObject({ RxBytes: first.rxBytes, TxBytes: first.txBytes, LastHandshake: first.lastHandshake });
    expect(silent).not.toHaveProperty('RxBytes');
    expect([writes, revision]).toEqual([0, before]);
  });

  it('change by row', () => {
    const { peers } = device!;
    peers[0]!.endpoint = '192.0.2.1:7';
    peers.splice(1, 1, { ...peers[1]!, publicKey: Buffer.alloc(32, 3).toString('base64') });
    links.readAgain(true);
    expect((shown().WireGuardPeers as Record<string, unknown>[]).map(({ Endpoint }) => Endpoint).sort()).toEqual([
      '192.0.2.1:7',
      '[fd00::9]:51822',
    ]);
    device = { ...device!, listenPort: 0 };
    links.changed(link);
    expect(shown().WireGuard).toEqual({ PublicKey: device.publicKey, FwMark: 0x77 });
    expect(writes).toBe(1);
  });

  it('show some thousands of peers, and say how many more there are', () => {
    const [peer] = device!.peers;
    device = {
      ...device!,
      peers: Array.from({ length: MOST_ROWS + 7 }, (_, index) => ({ ...peer!, publicKey: `key ${index}` })),
    };
    links.readAgain(true);
    expect(shown().WireGuardPeers).toHaveLength(MOST_ROWS);
    expect(link.hidden).toEqual({ WireGuardPeers: MOST_ROWS + 7 });
    device = { ...device, peers: device.peers.slice(0, 3) };
    links.readAgain(true);
    expect(shown().WireGuardPeers).toHaveLength(3);
    expect(link.hidden).toEqual({});
  });

  it('stay as they are while they may not be looked at, and say why', () => {
    const before = shown();
    failure = new CanopyError('SYSTEM_CALL', 'generic netlink request 27 failed: EPERM');
    links.readAgain(true);
    expect(links.problem).toBe('cannot read wg of /run/netns/blue: generic netlink request 27 failed: EPERM');
    expect(shown()).toEqual(before);
    failure = undefined;
    links.readAgain(true);
    expect(links.problem).toBeUndefined();
  });

  it('that are gone are asked about no more', () => {
    links.gone(link);
    failure = new Error('asked');
    links.readAgain(true);
    expect(links.problem).toBeUndefined();
  });
});

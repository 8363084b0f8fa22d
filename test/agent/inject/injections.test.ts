import { afterEach, beforeEach, expect, it } from 'vitest';
import { Injections } from '../../../agent/inject/injections.js';
import { prepareNamespaces } from '../../../agent/linux/namespace.js';
import { Namespaces } from '../../../agent/probes/kit/namespaces.js';
import { LiveGraph } from '../../../src/graph/liveGraph.js';
import type { Inject, InjectProgress } from '../../../src/protocol/injection.js';
import { describeWith, program, root } from '../../needs.js';
import { udpFrame } from '../capture/frames.js';
import { pcapFile } from '../capture/pcapFile.js';
import { Pump } from '../capture/pump.js';
import { node, owns } from '../capture/ownership.js';
import { eventually, Lab } from '../lab.js';
import { injection } from './injection.js';

const ARRIVES = 10_000;

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'injections', () => {
  let lab: Lab;
  let pump: Pump;
  let injections: Injections;
  let heard: InjectProgress[];
  let forbidden: string | undefined;

  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
    for (const name of ['left', 'right']) lab.addNamespace(name);
    await lab.addQuietPair('injl', 'injr');
    const graph = new LiveGraph({ now: () => Date.now() });
    graph.apply({
      origin: 'agent.test',
      deltas: [
        node('ns-left', { Name: 'left', Type: 'netns', TID: 'tid-left' }),
        node('node-1', { Name: 'injl', Type: 'veth', TID: 'tid-injl' }),
        owns('ns-left', 'node-1'),
      ],
    });
    const namespaces = new Namespaces({ key: 'own', path: '/proc/thread-self/ns/net', name: undefined, root: 'host', isOwn: true });
    namespaces.put({ key: 'left', path: lab.path('left'), name: 'left', root: 'ns-left', isOwn: false });
    heard = [];
    forbidden = undefined;
    injections = new Injections({
      forbidden: () => forbidden,
      view: () => graph.view(),
      namespaces,
      progress: (progress) => void heard.push(progress),
    });
    pump = new Pump('injr', lab.path('right'), { headerSize: 4_096 });
  });

  afterEach(async () => {
    await injections.close();
    pump.close();
    await lab.close();
  });

  const inState = (state: InjectProgress['state'], id = 'injection-1') =>
    eventually(
      () => heard.findLast((progress) => progress.id === id),
      (progress) => progress.state === state,
    );
  const inject = async (parts: Partial<Inject>): Promise<InjectProgress> => {
    injections.start(injection(parts));
    return inState('DONE');
  };
  const arrived = (count: number): Buffer[] => {
    pump.run(ARRIVES, () => pump.packets.length >= count);
    pump.run(250);
    return pump.packets.map(({ bytes }) => bytes);
  };

  it.each(['icmp4', 'tcp4', 'udp4', 'icmp6', 'tcp6', 'udp6'] as const)('send what is asked for as %s', async (type) => {
    const isV6 = type.endsWith('6');
    const done = await inject({ type, count: 5, ...(isV6 ? { srcIp: '2001:db8::1', dstIp: '2001:db8::2' } : {}) });
    expect(done).toMatchObject({ node: 'node-1', sent: 5, error: undefined });
    const frames = arrived(5);
    expect(frames).toHaveLength(5);
    const protocol = { icmp4: 1, tcp4: 6, udp4: 17, icmp6: 58, tcp6: 6, udp6: 17 }[type];
    for (const frame of frames) {
      expect(frame.readUInt16BE(12)).toBe(isV6 ? 0x86dd : 0x0800);
      expect(frame[isV6 ? 20 : 23]).toBe(protocol);
    }
  });

  it('replay a capture file, once or as often as asked for', async () => {
    const frames = [udpFrame({ destinationPort: 1 }), udpFrame({ destinationPort: 2 }), udpFrame({ destinationPort: 3 })];
    expect((await inject({ pcap: pcapFile(frames), count: 0 })).sent).toBe(3);
    expect((await inject({ id: 'injection-2', pcap: pcapFile(frames), count: 7 })).sent).toBe(3);
    await inState('DONE', 'injection-2');
    expect(arrived(10).map((frame) => frame.readUInt16BE(36))).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1]);
  });

  it('pause between packets, tell how far they are, and end when they are told to', async () => {
    injections.start(injection({ count: 100_000, intervalMs: 20 }));
    await eventually(() => heard.findLast(({ sent }) => sent > 0));
    injections.cancel('injection-1');
    const { sent } = await inState('CANCELLED');
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(100_000);
    expect(arrived(sent)).toHaveLength(sent);
  });

  it('run beside one another', async () => {
    injections.start(injection({ id: 'one', type: 'udp4', dstPort: 1_001, count: 20, intervalMs: 5 }));
    injections.start(injection({ id: 'two', type: 'udp4', dstPort: 1_002, count: 20, intervalMs: 5 }));
    await inState('DONE', 'one');
    await inState('DONE', 'two');
    const ports = arrived(40).map((frame) => frame.readUInt16BE(36));
    expect(ports.filter((port) => port === 1_001)).toHaveLength(20);
    expect(ports.filter((port) => port === 1_002)).toHaveLength(20);
  });

  it('say what is wrong with them', async () => {
    const failsWith = async (parts: Partial<Inject>, error: RegExp): Promise<void> => {
      const id = `bad-${heard.length}`;
      injections.start(injection({ id, ...parts }));
      expect((await inState('ERROR', id)).error).toMatch(error);
    };
    await failsWith({ srcIp: 'x' }, /no IPv4 address/);
    await failsWith({ payload: 'x'.repeat(2_000) }, /packet 1 has 2042 bytes, injl takes 1514 at most/);
    await failsWith({ pcap: Buffer.from('not a file') }, /neither pcap nor pcapng/);
    await failsWith({ node: 'nowhere' }, /no such node/);
    forbidden = 'not here';
    await failsWith({}, /not here/);
    forbidden = undefined;
    lab.ipIn('left', 'link set injl down');
    await failsWith({}, /injl is down/);
    expect(arrived(0)).toEqual([]);
  });
});

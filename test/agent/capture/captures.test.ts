import { execFileSync } from 'node:child_process';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Captures } from '../../../agent/capture/captures.js';
import { openNetflow } from '../../../agent/capture/netflow/open.js';
import type { FlowBatch } from '../../../agent/link/flowQueue.js';
import { prepareNamespaces } from '../../../agent/linux/namespace.js';
import { Namespaces } from '../../../agent/probes/kit/namespaces.js';
import { systemClock } from '../../../src/common/clock.js';
import { silentLog } from '../../../src/common/log.js';
import { readFlowBatch } from '../../../src/flow/batch/flowBatch.js';
import type { Flow } from '../../../src/flow/flow.js';
import { LiveGraph } from '../../../src/graph/liveGraph.js';
import type { CaptureActivity, CaptureSpec } from '../../../src/protocol/capture.js';
import { describeWith, program, root } from '../../needs.js';
import { eventually, Lab } from '../lab.js';
import { udpFrame } from './frames.js';
import { captureSpec, Pump, sendFrames } from './pump.js';

const NODE = 'node-right';
const HOST = 'node-host';

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'the captures of a host', () => {
  let lab: Lab;
  let captures: Captures;
  let graph: LiveGraph;
  let namespaces: Namespaces;
  let shipped: FlowBatch[];
  let heard: CaptureActivity[];
  let refreshed: number[];

  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
    for (const name of ['left', 'right']) lab.addNamespace(name);
    await addLinks();
    shipped = [];
    heard = [];
    refreshed = [];
    graph = new LiveGraph({ now: () => Date.now() });
    const origin = 'agent.test';
    const node = (id: string, metadata: Record<string, string>) => ({ op: 'putNode' as const, id, host: 'test', metadata });
    const edge = (parent: string, child: string) => ({
      op: 'putEdge' as const,
      id: `${parent}-${child}`,
      host: 'test',
      parent,
      child,
      metadata: { RelationType: 'ownership' },
    });
    graph.apply({
      origin,
      deltas: [
        node(HOST, { Name: 'test', Type: 'host', TID: 'tid-host' }),
        node('ns-right', { Name: 'right', Type: 'netns', TID: 'tid-right' }),
        node(NODE, { Name: 'capr', Type: 'veth', TID: 'tid-capr' }),
        edge(HOST, 'ns-right'),
        edge('ns-right', NODE),
      ],
    });
    namespaces = new Namespaces({ key: 'own', path: '/proc/thread-self/ns/net', name: undefined, root: HOST, isOwn: true });
    namespaces.put({ key: 'right', path: lab.path('right'), name: 'right', root: 'ns-right', isOwn: false });
    captures = await open();
  });

  afterEach(async () => {
    await captures.close();
    await lab.close();
  });

  const addLinks = async (): Promise<void> => {
    lab.ipIn('left', `link add capl type veth peer name capr netns ${lab.path('right')}`);
    for (const [namespace, link] of [
      ['left', 'capl'],
      ['right', 'capr'],
    ] as const) {
      execFileSync('nsenter', [`--net=${lab.path(namespace)}`, 'sysctl', '-q', '-w', `net.ipv6.conf.${link}.disable_ipv6=1`]);
      lab.ipIn(namespace, `link set ${link} up`);
    }
    await lab.carries('left', 'capl');
  };

  const open = (analyzer = 'http://127.0.0.1:1', agent = {}): Promise<Captures> =>
    Captures.open({
      config: lab.settings(agent).agent,
      analyzer,
      view: () => graph.view(),
      namespaces,
      clock: systemClock,
      log: silentLog,
      changed: (activities) => void heard.push(...activities),
      ship: (batch) => void shipped.push(batch),
      refreshed: (request) => void refreshed.push(request),
      measure: () => undefined,
    });

  const start = (spec: Partial<CaptureSpec> = {}, node = NODE): void =>
    captures.apply({
      kind: 'captureTasks',
      isWhole: false,
      captures: [captureSpec(spec)],
      start: [{ capture: spec.id ?? 'capture-1', node }],
      stop: [],
    });
  const stop = (capture = 'capture-1', node = NODE): void =>
    captures.apply({ kind: 'captureTasks', isWhole: false, captures: [], start: [], stop: [{ capture, node }] });
  const inState = (state: CaptureActivity['state'], capture = 'capture-1') =>
    eventually(
      () => heard.findLast((activity) => activity.capture === capture),
      (activity) => activity.state === state,
    );
  const flows = (kind: FlowBatch['batchKind'] = 'UPDATE'): Flow[] =>
    shipped
      .filter(({ batchKind }) => batchKind === kind)
      .flatMap(({ batch }) => {
        const read = readFlowBatch(batch);
        return Array.from({ length: read.length }, (_, row) => read.flow(row));
      });
  const send = (frames: readonly Buffer[]): void => sendFrames(lab.path('left'), 'capl', frames);

  it('make flows of packets, and ship them', async () => {
    start();
    await inState('ACTIVE');
    send(Array.from({ length: 30 }, () => udpFrame({ destinationPort: 53_000 })));
    await eventually(flows, (list) => list.length > 0);
    stop();
    const ended = await inState('STOPPED');
    expect(ended).toMatchObject({ packetsReceived: 30, packetsDropped: 0, type: 'afpacket', error: undefined });
    const packets = flows().reduce((most, { Metric }) => Math.max(most, Metric?.ABPackets ?? 0), 0);
    expect(packets).toBe(30);
    expect(flows()[0]).toMatchObject({
      LayersPath: 'Ethernet/IPv4/UDP',
      NodeTID: 'tid-capr',
      CaptureID: 'capture-1',
      Transport: { A: 40_000, B: 53_000 },
    });
    expect(captures.states()).toEqual([]);
  });

  it('answer live questions between two updates', async () => {
    await captures.close();
    captures = await open(undefined, { flow: { ...lab.settings().agent.flow, update: 3_600_000 } });
    start();
    await inState('ACTIVE');
    send([udpFrame(), udpFrame()]);
    await eventually(
      () => captures.states()[0],
      ({ packetsReceived }) => packetsReceived === 2,
    );
    captures.refresh(7);
    await eventually(() => refreshed[0]);
    expect(flows('REFRESH')).toMatchObject([{ Metric: { ABPackets: 2 } }]);
    expect(flows('UPDATE')).toEqual([]);
  });

  it('count on while an interface is down, and go on when it is back', async () => {
    start();
    await inState('ACTIVE');
    send([udpFrame()]);
    await eventually(
      () => captures.states()[0],
      ({ packetsReceived }) => packetsReceived === 1,
    );
    lab.ipIn('right', 'link set capr down');
    expect((await inState('ERROR')).error).toMatch(/capr (went|is) down/);
    lab.ipIn('right', 'link set capr up');
    await lab.carries('left', 'capl');
    await inState('ACTIVE');
    send([udpFrame()]);
    await eventually(
      () => captures.states()[0],
      ({ packetsReceived }) => packetsReceived === 2,
    );
  });

  it('say what is wrong with them, and run when it is not any more', async () => {
    start({ id: 'bad-filter', bpf: 'udp prt 80' });
    expect((await inState('ERROR', 'bad-filter')).error).toMatch(/syntax error/);
    start({ id: 'bad-type', type: 'ovsmirror' });
    expect((await inState('ERROR', 'bad-type')).error).toMatch(/possible are afpacket/);
    start({ id: 'too-much', headerSize: 10_000 });
    expect((await inState('ERROR', 'too-much')).error).toMatch(/at most 4096/);
    start({ id: 'nowhere' }, 'no-such-node');
    expect((await inState('ERROR', 'nowhere')).error).toMatch(/no such node/);
    lab.ipIn('right', 'link del capr');
    start();
    expect((await inState('ERROR')).error).toMatch(/there is no interface capr/);
    await addLinks();
    await inState('ACTIVE');
  });

  it.each(['afpacket', 'ebpf', 'pcap'] as const)("of the type %s leave out the agent's traffic with the analyzer", async (type) => {
    await captures.close();
    captures = await open('http://192.0.2.2:8082', { allow: { capture: 'always', inject: 'local' } });
    start({ type, bpf: 'udp' });
    await inState('ACTIVE');
    const to = (destinationPort: number, destinationIp?: string): Buffer => udpFrame({ destinationPort, destinationIp });
    const back = udpFrame({ sourceIp: '192.0.2.2', sourcePort: 8_082, destinationIp: '192.0.2.1', destinationPort: 40_000 });
    send([to(8_082), back, to(8_083), to(8_082, '192.0.2.3')]);
    await eventually(
      () => captures.states()[0],
      ({ packetsReceived }) => packetsReceived >= 2,
    );
    stop();
    expect(await inState('STOPPED')).toMatchObject({ packetsReceived: 2 });
  });

  it('are not allowed for an analyzer elsewhere unless the host says so', async () => {
    await captures.close();
    captures = await open('http://192.0.2.77:8082');
    start();
    expect((await inState('ERROR')).error).toMatch(/agent.allow.capture is local/);
    expect(captures.abilities()).toMatchObject({ allowsCapture: false, allowsInjection: false });
  });

  it('close their sockets when their namespace goes', async () => {
    start();
    await inState('ACTIVE');
    namespaces.remove('right');
    expect((await inState('ERROR')).error).toMatch(/namespace is gone|lies in no namespace/);
    lab.removeNamespace('right');
    // The other end of the pair goes with the namespace, since nothing holds it any more.
    await eventually(
      () => lab.linkNames('left'),
      (names) => !names.includes('capl'),
    );
    lab.addNamespace('right');
  });

  it.each(['afpacket', 'ebpf', 'pcap'] as const)('of the type %s wait for their interface and their namespace, and go on', async (type) => {
    const received = (count: number) =>
      eventually(
        () => captures.states()[0],
        ({ packetsReceived }) => packetsReceived === count,
      );
    const frame = [udpFrame({ destinationPort: 7_000 })];
    // libpcap is promiscuous; what the kernel says by itself when a link comes up is left out.
    start({ type, bpf: 'udp port 7000' });
    await inState('ACTIVE');
    send(frame);
    await received(1);

    lab.ipIn('right', 'link del capr');
    expect((await inState('ERROR')).error).toMatch(
      /capr (went down|is down|cannot)|there is no interface capr|disappeared|capr: .*(down|exist)/i,
    );
    await addLinks();
    await inState('ACTIVE');
    send(frame);
    await received(2);

    namespaces.remove('right');
    lab.removeNamespace('right');
    expect((await inState('ERROR')).error).toMatch(/namespace is gone|lies in no namespace|no interface|went down|disappeared/i);
    // The links go with the namespace, at the kernel's leisure.
    await eventually(
      () => lab.linkNames('left'),
      (names) => !names.includes('capl'),
    );
    lab.addNamespace('right');
    await addLinks();
    namespaces.put({ key: 'right again', path: lab.path('right'), name: 'right', root: 'ns-right', isOwn: false });
    await inState('ACTIVE');
    send(frame);
    expect(await received(3)).toMatchObject({ packetsDropped: 0, error: undefined });
  });

  it('end when the analyzer does not name them any more', async () => {
    start();
    await inState('ACTIVE');
    captures.apply({ kind: 'captureTasks', isWhole: true, captures: [], start: [], stop: [] });
    await inState('STOPPED');
    expect(captures.abilities().ringBytesUsed).toBe(0);
  });

  it('send flows as NetFlow where they are told to', async () => {
    const collector = new Pump('lo', undefined, {}, { open: openNetflow });
    try {
      const port = String(collector.source.facts().facts.netflowSocket).split(':')[1]!;
      start({ targetType: 'netflowv5', target: `127.0.0.1:${port}` });
      await inState('ACTIVE');
      send([udpFrame({ payload: Buffer.alloc(72) }), udpFrame({ payload: Buffer.alloc(72) })]);
      await eventually(
        () => captures.states()[0],
        ({ packetsReceived }) => packetsReceived === 2,
      );
      stop();
      await inState('STOPPED');
      collector.run(10_000, () => collector.flows.length > 0);
      expect(collector.flows).toMatchObject([
        {
          network: { a: '192.0.2.1', b: '192.0.2.2' },
          transport: { protocol: 'UDP', a: 40_000, b: 80 },
          abPackets: 2,
          abBytes: 200,
        },
      ]);
      expect(shipped).toEqual([]);
    } finally {
      collector.close();
    }
  });

  it('mirror packets where they are told to', async () => {
    const collector = new Pump('lo', undefined, { bpf: 'ip proto 47 and dst host 127.0.0.7', headerSize: 1_000 });
    try {
      start({ targetType: 'erspanv1', target: '127.0.0.7' });
      await inState('ACTIVE');
      const frame = udpFrame({ vlans: [10] });
      send([frame]);
      collector.run(10_000, () => collector.packets.length > 0);
      const mirrored = collector.packets[0]!.bytes.subarray(34);
      expect(mirrored.readUInt16BE(0)).toBe(0x1000);
      expect(mirrored.readUInt16BE(2)).toBe(0x88be);
      expect(mirrored.readUInt16BE(8)).toBe(0x1000 | 10);
      expect(mirrored.subarray(16, -4)).toEqual(frame);
      expect(mirrored.readUInt32BE(mirrored.length - 4)).toBe(crc32(frame));
      expect(shipped).toEqual([]);
    } finally {
      collector.close();
    }
  });

  it('ship what is in their tables when the agent stops', async () => {
    start();
    await inState('ACTIVE');
    send([udpFrame({ destinationPort: 9_999 })]);
    await eventually(
      () => captures.states()[0],
      ({ packetsReceived }) => packetsReceived === 1,
    );
    await captures.close();
    expect(flows().some(({ Transport }) => Transport?.B === 9_999)).toBe(true);
  });
});

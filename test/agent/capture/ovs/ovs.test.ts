import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Captures } from '../../../../agent/capture/captures.js';
import { openNetflow } from '../../../../agent/capture/netflow/open.js';
import { prepareNamespaces } from '../../../../agent/linux/namespace.js';
import type { FlowBatch } from '../../../../agent/link/flowQueue.js';
import { Namespaces } from '../../../../agent/probes/kit/namespaces.js';
import { systemClock } from '../../../../src/common/clock.js';
import { silentLog } from '../../../../src/common/log.js';
import { readFlowBatch } from '../../../../src/flow/batch/flowBatch.js';
import { LiveGraph } from '../../../../src/graph/liveGraph.js';
import type { CaptureActivity, CaptureSpec } from '../../../../src/protocol/capture.js';
import { describeWith, program, root } from '../../../needs.js';
import { eventually, Lab } from '../../lab.js';
import { udpFrame } from '../frames.js';
import { node, owns } from '../ownership.js';
import { captureSpec, Pump, sendFrames } from '../pump.js';
import { OpenVSwitch } from './openVSwitch.js';

vi.setConfig({ testTimeout: 90_000 });

const BRIDGE = 'node-bridge';
const PORT = 'node-port';
const DPDK = 'node-dpdk';

describeWith([root, program('ovs-vswitchd'), program('ovsdb-tool'), program('ip')], 'captures on Open vSwitch', () => {
  let lab: Lab;
  let vswitch: OpenVSwitch;
  let captures: Captures;
  let heard: CaptureActivity[];
  let shipped: FlowBatch[];
  let measured: string[];
  let graph: LiveGraph;

  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
    vswitch = await OpenVSwitch.startWithBridge(lab, 'ov');
    heard = [];
    shipped = [];
    measured = [];
    graph = new LiveGraph({ now: () => Date.now() });
    putNodes();
    captures = await open();
  });

  afterEach(async () => {
    await captures.close();
    await vswitch.close();
    await lab.close();
  });

  const putNodes = (): void => {
    graph.apply({
      origin: 'agent.test',
      deltas: [
        node('ns-switch', { Name: 'switch', Type: 'netns', TID: 'tid-switch' }),
        node(BRIDGE, { Name: 'ovbr', Type: 'ovsbridge', TID: 'tid-bridge', UUID: vswitch.control('get', 'bridge', 'ovbr', '_uuid') }),
        node(PORT, { Name: 'ovla', Type: 'ovsport', TID: 'tid-port', UUID: vswitch.control('get', 'port', 'ovla', '_uuid') }),
        node(DPDK, { Name: 'DPDK-port-0', Type: 'dpdkport', TID: 'tid-dpdk' }),
        ...[BRIDGE, PORT, DPDK].map((id) => owns('ns-switch', id)),
      ],
    });
  };

  const open = (): Promise<Captures> => {
    const namespaces = new Namespaces({ key: 'own', path: '/proc/thread-self/ns/net', name: undefined, root: 'host', isOwn: true });
    namespaces.put({ key: 'switch', path: lab.path('switch'), name: 'switch', root: 'ns-switch', isOwn: false });
    return Captures.open({
      config: lab.settings({ ovsdb: `unix:${vswitch.socket}` }).agent,
      analyzer: 'http://127.0.0.1:1',
      view: () => graph.view(),
      namespaces,
      clock: systemClock,
      log: silentLog,
      changed: (activities) => void heard.push(...activities),
      able: () => undefined,
      ship: (batch) => void shipped.push(batch),
      refreshed: () => undefined,
      measure: (_, values) => void measured.push(...values.map(([path]) => path)),
    });
  };

  const apply = (isStart: boolean, node: string, spec: Partial<CaptureSpec> = {}): void => {
    const tasks = [{ capture: 'capture-1', node }];
    captures.apply({
      kind: 'captureTasks',
      isWhole: false,
      captures: [captureSpec(spec)],
      start: isStart ? tasks : [],
      stop: isStart ? [] : tasks,
    });
  };
  const inState = (state: CaptureActivity['state']) =>
    eventually(
      () => heard.at(-1),
      (activity) => activity.state === state,
    );
  const rows = (table: string): string[] =>
    vswitch.control('--columns=_uuid', '--format=csv', '--no-headings', 'list', table).split('\n').filter(Boolean);
  const flows = () =>
    shipped.flatMap(({ batch }) => {
      const read = readFlowBatch(batch);
      return Array.from({ length: read.length }, (_, row) => read.flow(row));
    });
  const frames = Array.from({ length: 20 }, () => udpFrame({ destinationPort: 7_777 }));
  const send = (): void => sendFrames(lab.path('switch'), 'ovpa', frames);
  const hasFlow = () => flows().some(({ Transport }) => Transport?.B === 7_777);

  it('make flows of samples, and take the row away at the end', async () => {
    apply(true, BRIDGE, { samplingRate: 1, pollingIntervalMs: 1_000, headerSize: 128 });
    const { type, sflowSocket } = await inState('ACTIVE');
    expect(type).toBe('ovssflow');
    expect(JSON.parse(`[${vswitch.control('get', 'sflow', rows('sflow')[0]!, 'targets')}]`)).toEqual([[sflowSocket]]);
    await eventually(() => {
      send();
      return hasFlow() && measured.includes('SFlow.Metric.IfInOctets') ? true : undefined;
    });
    expect(flows().find(({ Transport }) => Transport?.B === 7_777)).toMatchObject({
      NodeTID: 'tid-bridge',
      LayersPath: 'Ethernet/IPv4/UDP',
    });
    apply(false, BRIDGE);
    await inState('STOPPED');
    await eventually(() => (rows('sflow').length === 0 ? true : undefined));
  });

  it('make flows of what the bridge counts', async () => {
    apply(true, BRIDGE, { type: 'ovsnetflow', pollingIntervalMs: 1_000 });
    await inState('ACTIVE');
    expect(vswitch.control('get', 'netflow', rows('netflow')[0]!, 'engine_id', 'engine_type', 'add_id_to_interface').split('\n')).toEqual([
      '1',
      '10',
      'true',
    ]);
    await eventually(() => {
      send();
      return hasFlow() ? true : undefined;
    });
    await captures.close();
    expect(rows('netflow')).toEqual([]);
  });

  it('mirror a port to an interface of their own', async () => {
    apply(true, PORT, { bpf: 'udp port 7777' });
    const { type } = await inState('ACTIVE');
    expect(type).toBe('ovsmirror');
    const mirror = `mir${vswitch.control('get', 'port', 'ovla', '_uuid').slice(0, 5)}`;
    expect(vswitch.control('list-ports', 'ovbr').split('\n')).toContain(mirror);
    send();
    await eventually(
      () => captures.states()[0],
      ({ packetsReceived }) => packetsReceived >= frames.length,
    );
    apply(false, PORT);
    expect(await inState('STOPPED')).toMatchObject({ packetsReceived: frames.length });
    expect(hasFlow()).toBe(true);
    await eventually(() => (rows('mirror').length === 0 ? true : undefined));
    expect(vswitch.control('list-ports', 'ovbr').split('\n').sort()).toEqual(['ovla', 'ovlb']);
  });

  it('have the bridge send to somebody else where they are told to', async () => {
    const collector = new Pump('lo', lab.path('switch'), {}, { open: openNetflow });
    try {
      const port = String(collector.source.facts().facts.netflowSocket).split(':')[1]!;
      apply(true, BRIDGE, { type: 'ovsnetflow', target: `127.0.0.1:${port}`, pollingIntervalMs: 1_000 });
      await inState('ACTIVE');
      await eventually(() => {
        send();
        collector.run(300, () => collector.flows.length > 0);
        return collector.flows.length > 0 ? true : undefined;
      });
      expect(shipped).toEqual([]);
    } finally {
      collector.close();
    }
  });

  it('fail when somebody takes the row or the bridge away, and go on when the bridge is back', async () => {
    apply(true, BRIDGE);
    await inState('ACTIVE');
    vswitch.control('del-br', 'ovbr');
    expect((await inState('ERROR')).error).toMatch(/somebody took the sFlow row|has no bridge ovbr/);
    vswitch.addBridge('ovbr', ['ovla', 'ovlb']);
    putNodes();
    await inState('ACTIVE');
    // Somebody else's configuration is left alone.
    apply(false, BRIDGE);
    await inState('STOPPED');
    await eventually(() => (rows('sflow').length === 0 ? true : undefined));
    vswitch.control('--id=@s', 'create', 'sflow', 'agent=lo', 'target="127.0.0.1:9"', '--', 'set', 'bridge', 'ovbr', 'sflow=@s');
    apply(true, BRIDGE);
    expect((await inState('ERROR')).error).toMatch(/exports sFlow for somebody else/);
    await captures.close();
    expect(rows('sflow')).toHaveLength(1);
  });

  it('mirror anew when somebody takes the mirror away', async () => {
    apply(true, PORT);
    await inState('ACTIVE');
    const [before] = rows('mirror');
    vswitch.control('clear', 'bridge', 'ovbr', 'mirrors');
    expect((await inState('ERROR')).error).toMatch(/somebody took the Mirror row/);
    await inState('ACTIVE');
    expect(rows('mirror')).toHaveLength(1);
    expect(rows('mirror')).not.toEqual([before]);
    await captures.close();
    expect(vswitch.control('list-ports', 'ovbr').split('\n').sort()).toEqual(['ovla', 'ovlb']);
  });

  it('outlive a restart of the database', async () => {
    apply(true, BRIDGE);
    await inState('ACTIVE');
    await vswitch.stopDatabase();
    expect((await inState('ERROR')).error).toMatch(/connection to Open vSwitch is lost|is not reached/);
    await vswitch.startDatabase();
    await inState('ACTIVE');
    expect(rows('sflow')).toHaveLength(1);
  });

  it('take away at the next start what an agent left that was killed', async () => {
    const { hostId } = lab.settings().agent;
    const script = fileURLToPath(new URL('./attachAndWait.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, `unix:${vswitch.socket}`, hostId, 'ovbr', 'ovlb'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect([rows('sflow').length, rows('mirror').length]).toEqual([1, 1]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await captures.close();
    captures = await open();
    await eventually(() => (rows('sflow').length + rows('mirror').length === 0 ? true : undefined));
    expect(vswitch.control('list-ports', 'ovbr').split('\n').sort()).toEqual(['ovla', 'ovlb']);
  });

  it('say what is not possible, and why', async () => {
    const ability = (type: string) => captures.abilities().captures.find((one) => one.type === type)?.impossible;
    expect(ability('ovssflow')).toBeUndefined();
    expect(ability('dpdk')).toMatch(/no DPDK.*ovssflow.*pcapsocket/);
    apply(true, DPDK);
    expect((await inState('ERROR')).error).toMatch(/no DPDK/);
    apply(false, DPDK);
    await vswitch.close();
    expect(ability('ovsmirror')).toMatch(/there is no .*db.sock \(agent.ovsdb\)/);
  });
});

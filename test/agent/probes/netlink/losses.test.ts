import { afterEach, beforeEach, expect, it } from 'vitest';
import { prepareNamespaces, withNamespace, cookieOfNamespace, cookieOfOwnNamespace, bootId } from '../../../../agent/linux/namespace.js';
import { watchSockets, type SocketListener, type SocketWatcher } from '../../../../agent/linux/socketWatcher.js';
import { AgentGraph } from '../../../../agent/probes/kit/agentGraph.js';
import { Namespaces } from '../../../../agent/probes/kit/namespaces.js';
import type { Probe } from '../../../../agent/probes/kit/probe.js';
import { netlinkProbe } from '../../../../agent/probes/netlink/probe.js';
import { silentLog } from '../../../../src/common/log.js';
import { LiveGraph } from '../../../../src/graph/liveGraph.js';
import { describeWith, program, root } from '../../../needs.js';
import { newLink } from '../../linux/netlink/bytes.js';
import { Lab } from '../../lab.js';
import { SteppedClock } from '../../steppedClock.js';

/** The probe on the real kernel, with a thread whose events the test holds back and replaces. */
describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'a netlink probe that loses events', () => {
  let lab: Lab;
  let real: SocketWatcher;
  let listener: SocketListener;
  let watched: number[];
  let closed: number[];
  let clock: SteppedClock;
  let live: LiveGraph;
  let probe: Probe;
  let health: string[];
  let socket: number;
  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
    real = watchSockets(silentLog);
    clock = new SteppedClock();
    live = new LiveGraph({ now: () => clock.now() });
    watched = [];
    closed = [];
    health = [];
    const deaf: SocketWatcher = {
      ...real,
      group(theirs) {
        listener = theirs;
        const group = real.group({ received: () => undefined, lost: () => undefined });
        return {
          watch: (fd) => {
            const id = group.watch(fd);
            watched.push(id);
            return id;
          },
          close: (id) => {
            closed.push(id);
            group.close(id);
          },
          closeAll: () => group.closeAll(),
        };
      },
    };
    const graph = new AgentGraph('host', (deltas) =>
      expect(live.apply({ origin: 'agent.host', deltas, immediate: true }).rejected).toEqual([]),
    );
    const writer = graph.writer('netlink');
    writer.putNode({ id: 'host', parent: undefined, metadata: { Type: 'host', Name: 'host' } });
    writer.putNode({ id: 'blue', parent: 'host', metadata: { Type: 'netns', Name: 'blue', Path: '/blue' } });
    const path = lab.addNamespace('blue');
    const key = withNamespace(path, ({ fd }) => cookieOfNamespace(fd))!;
    const namespaces = new Namespaces({
      key: cookieOfOwnNamespace()!,
      path: '/proc/thread-self/ns/net',
      name: undefined,
      root: 'host',
      isOwn: true,
    });
    namespaces.put({ key, path, name: 'blue', root: 'blue', isOwn: false });
    probe = netlinkProbe.create({
      hostId: 'host',
      root: 'host',
      id: (...names) => names.join('/'),
      graph: writer,
      nodes: { watch: () => () => undefined },
      namespaces,
      linux: { sockets: deaf, bootId: bootId() },
      clock,
      log: silentLog,
      config: lab.settings().agent,
      health: {
        ok: () => health.push('ok'),
        degraded: (reason) => health.push(reason),
        failed: (error) => health.push(`failed: ${String(error)}`),
        heard: () => undefined,
      },
    });
    await probe.start();
    socket = watched.at(-2)!;
  });
  afterEach(async () => {
    await probe.stop();
    await real.stop();
    await lab.close();
  });

  const links = (): string[] => {
    const view = live.view();
    const owned = [...view.outEdges('blue')].map(({ child }) => String(view.node(child)?.metadata.Name));
    view.release();
    return owned.sort();
  };

  it('reads the namespace again after a second, and agrees with the kernel', async () => {
    lab.ipIn('blue', 'link add one type bridge');
    lab.ipIn('blue', 'address add 10.3.0.1/24 dev one');
    listener.received([{ id: socket, length: 0, problem: 'overrun', bytes: Buffer.alloc(0) }]);
    expect(links()).toEqual(['lo']);
    expect(health.at(-1)).toMatch(/events were lost \(1 times/);
    await clock.step(1_000);
    expect(links()).toEqual(['lo', 'one']);
    expect([...live.view().nodesBy('Name', 'one')][0]?.metadata).toMatchObject({ IPV4: ['10.3.0.1/24'] });
    expect(health.at(-1)).toBe('ok');
    lab.ipIn('blue', 'link del one');
    listener.received([{ id: socket, length: 0, problem: 'overrun', bytes: Buffer.alloc(0) }]);
    await clock.step(1_000);
    expect(links()).toEqual(['lo']);
  });

  it.each(['truncated', undefined] as const)('does the same for bytes that end in the middle (%s)', async (problem) => {
    lab.ipIn('blue', 'link add one type bridge');
    listener.received([{ id: socket, length: 3, problem, bytes: Buffer.from([9, 9, 9]) }]);
    await clock.step(1_000);
    expect(links()).toEqual(['lo', 'one']);
  });

  it('does the same for an event that cannot be', async () => {
    lab.ipIn('blue', 'link add one type bridge');
    const bytes = newLink({ index: 0, name: 'nonsense' });
    listener.received([{ id: socket, length: bytes.length, problem: undefined, bytes }]);
    expect(links()).toEqual(['lo']);
    await clock.step(1_000);
    expect(links()).toEqual(['lo', 'one']);
  });

  it('fails, to be started anew, when its thread or a socket is gone', () => {
    listener.lost('out of memory');
    expect(health.at(-1)).toMatch(/failed: .*out of memory/);
    listener.received([{ id: socket, length: 0, problem: 'failed', bytes: Buffer.alloc(0) }]);
    expect(health.at(-1)).toMatch(/failed: .*does not work any more/);
  });

  it('hears nothing of a socket that is not its own', async () => {
    listener.received([{ id: 9_999, length: 0, problem: 'overrun', bytes: Buffer.alloc(0) }]);
    await clock.step(60_000);
    expect(new Set(health)).toEqual(new Set(['ok']));
  });
});

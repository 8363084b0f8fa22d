import { beforeEach, describe, expect, it } from 'vitest';
import { AgentGraph, type ProbeWriter } from '../../../../agent/probes/kit/agentGraph.js';
import { concatenatedId } from '../../../../src/common/ids.js';
import type { Delta } from '../../../../src/graph/delta.js';
import { LiveGraph } from '../../../../src/graph/liveGraph.js';

describe('the graph that probes write together', () => {
  let batches: (readonly Delta[])[];
  let live: LiveGraph;
  let graph: AgentGraph;
  let one: ProbeWriter;
  let two: ProbeWriter;
  beforeEach(() => {
    batches = [];
    live = new LiveGraph({ now: Date.now });
    graph = new AgentGraph('host', (deltas) => {
      batches.push(deltas);
      expect(live.apply({ origin: 'agent.host', deltas, immediate: true }).rejected).toEqual([]);
    });
    one = graph.writer('one');
    two = graph.writer('two');
    one.beginRun();
    two.beginRun();
    one.putNode({ id: 'h', parent: undefined, metadata: { Type: 'host', Name: 'host' } });
  });

  const metadata = (id: string) => live.node(id)?.metadata;
  const hostTid = concatenatedId('host');

  it('has an ownership edge and a topological id for every node', () => {
    one.putNode({ id: 'n', parent: 'h', metadata: { Type: 'netns', Name: 'blue', Path: '/run/blue' } });
    one.putNode({ id: 'l', parent: 'n', metadata: { Type: 'veth', Name: 'eth0' } });
    expect(metadata('h')?.TID).toBe(hostTid);
    const netnsTid = concatenatedId(hostTid, '/run/blue', 'netns');
    expect(metadata('n')?.TID).toBe(netnsTid);
    expect(metadata('l')?.TID).toBe(concatenatedId(netnsTid, 'eth0', 'veth'));
    expect(live.edge(concatenatedId('n', 'l', 'ownership'))).toMatchObject({
      parent: 'n',
      child: 'l',
      metadata: { RelationType: 'ownership' },
    });
  });

  it('gives a node that moves one new owner, and another topological id to all below it', () => {
    one.putNode({ id: 'n', parent: 'h', metadata: { Type: 'netns', Name: 'blue', Path: '/run/blue' } });
    one.putNode({ id: 'l', parent: 'h', metadata: { Type: 'bridge', Name: 'br' } });
    one.putNode({ id: 'below', parent: 'l', metadata: { Type: 'port', Name: 'p' } });
    const before = metadata('below')?.TID;
    one.putNode({ id: 'l', parent: 'n', metadata: { Type: 'bridge', Name: 'br' } });
    expect([...live.view().inEdges('l')].map(({ parent }) => parent)).toEqual(['n']);
    expect(metadata('below')?.TID).not.toBe(before);
    expect(metadata('below')?.TID).toBe(concatenatedId(String(metadata('l')?.TID), 'p', 'port'));
  });

  it('puts together what several probes know of a node, and takes it apart again', () => {
    one.putNode({ id: 'l', parent: 'h', metadata: { Type: 'veth', Name: 'eth0', MTU: 1500 } });
    two.annotate('l', { Neighbor: 'switch' });
    one.putNode({ id: 'l', parent: 'h', metadata: { Type: 'veth', Name: 'eth0', MTU: 1400 } });
    expect(metadata('l')).toMatchObject({ MTU: 1400, Neighbor: 'switch' });
    two.annotate('l', {});
    expect(metadata('l')).not.toHaveProperty('Neighbor');
    two.annotate('unknown', { a: 1 });
    expect(live.stats().nodes).toBe(2);
  });

  it('removes with a node its edges and all that it owns', () => {
    one.putNode({ id: 'a', parent: 'h', metadata: { Type: 'bridge', Name: 'a' } });
    one.putNode({ id: 'b', parent: 'a', metadata: { Type: 'port', Name: 'b' } });
    one.putNode({ id: 'c', parent: 'h', metadata: { Type: 'veth', Name: 'c' } });
    one.putEdge({ parent: 'b', child: 'c', relationType: 'layer2' });
    one.removeNode('a');
    expect(live.stats()).toMatchObject({ nodes: 2, edges: 1, suspended: 0 });
    one.removeNode('a');
    one.removeEdge('nothing');
  });

  it('hands on as one what is written as one, also when the writing fails in the middle', () => {
    batches = [];
    expect(() =>
      one.batch(() => {
        one.putNode({ id: 'a', parent: 'h', metadata: { Type: 'x', Name: 'a' } });
        two.batch(() => two.putNode({ id: 'b', parent: 'a', metadata: { Type: 'x', Name: 'b' } }));
        throw new Error('in the middle');
      }),
    ).toThrow('in the middle');
    expect(batches).toHaveLength(1);
    expect(live.stats().nodes).toBe(3);
  });

  it('removes after a restart of a probe what the new run did not write, of that probe only', () => {
    two.putNode({ id: 'kept', parent: 'h', metadata: { Type: 'x', Name: 'kept' } });
    two.putNode({ id: 'left', parent: 'h', metadata: { Type: 'x', Name: 'left' } });
    two.putEdge({ parent: 'kept', child: 'h', relationType: 'layer2' });
    two.annotate('h', { Old: true });
    two.beginRun();
    two.putNode({ id: 'kept', parent: 'h', metadata: { Type: 'x', Name: 'kept' } });
    two.removeLeftOver();
    expect(metadata('h')).not.toHaveProperty('Old');
    expect(live.node('kept')).toBeDefined();
    expect(live.node('left')).toBeUndefined();
    expect(live.node('h')).toBeDefined();
    expect(live.stats().edges).toBe(1);
  });
});

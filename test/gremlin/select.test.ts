import { describe, expect, it } from 'vitest';
import { compileSelection, type Selected } from '../../src/services/filters/selection.js';
import type { TopologyFilter } from '../../src/services/filters/inputs.js';
import { smallGraph } from './builders.js';

async function select(filter: TopologyFilter): Promise<readonly string[]> {
  const view = smallGraph().view();
  try {
    const { nodes, edges }: Selected = await compileSelection(filter).in(view);
    return [...nodes.keys(), ...edges.map(({ id }) => id)].sort();
  } finally {
    view.release();
  }
}

describe('a string as a filter', () => {
  it.each<[what: string, filter: TopologyFilter, expected: readonly string[]]>([
    ['nodes with what is between them', { gremlin: "G.V().Has('Type', 'veth')" }, ['va', 'va-vb', 'vb']],
    ['nodes that the typed filter lets through', { gremlin: "G.V().Has('Type', 'veth')", nodes: { name: { eq: 'veth1' } } }, ['vb']],
    ['edges with their ends, and no others', { gremlin: "G.E().Has('Parent', 'br')" }, ['br', 'br-va', 'va']],
    [
      'a graph as it is',
      { gremlin: "G.V().Has('Type', Within('host', 'bridge', 'veth'), 'MTU', Without(9000)).SubGraph('RelationType', 'layer2')" },
      ['br', 'br-va', 'h', 'va'],
    ],
    ['nodes on paths', { gremlin: "G.V('vb').ShortestPathTo(Metadata('Type', 'netns'))" }, ['ns', 'ns-vb', 'vb']],
    [
      'what lies around them',
      { gremlin: "G.V('br')", expand: { depth: 1, via: { relationType: { eq: 'layer2' } } } },
      ['br', 'br-va', 'va'],
    ],
    [
      'what lies around a graph, with all of its own edges',
      { gremlin: "G.V().Has('Type', Within('host', 'bridge')).SubGraph('RelationType', 'layer2')", expand: { depth: 1, direction: 'OUT' } },
      ['br', 'br-va', 'h', 'h-ns', 'h-va', 'ns', 'va'],
    ],
    ['the whole graph, narrowed by edges', { gremlin: 'G', nodes: { id: ['va', 'vb'] } }, ['va', 'va-vb', 'vb']],
    ['nothing', { gremlin: "G.V('nobody')" }, []],
  ])('selects %s', async (_what, filter, expected) => {
    expect(await select(filter)).toEqual(expected);
  });

  it.each([
    ["G.V().Values('Name')", 'Values gives list of values'],
    ['G.Flows()', 'Flows gives flows'],
    ["G.Context('-1m').V()", 'leave At and Context out'],
    ['G.V(', 'Expected right parenthesis'],
  ])('refuses %s before it is used', (gremlin, text) => {
    expect(() => compileSelection({ gremlin })).toThrow(text);
  });
});

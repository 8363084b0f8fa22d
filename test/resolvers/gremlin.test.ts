import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, smallHost, type World } from '../services/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld({ limits: { pictureElements: 15 } });
  world.write(...smallHost);
});
afterAll(() => world.close());

const DOCUMENT = `query ($query: String!) {
  gremlin(query: $query) {
    kind totalCount truncated values json
    nodes { __typename name ancestors { name } } edges { relationType source { name } } paths { length nodes { name } edges { relationType } }
  }
}`;
const ask = async (query: string) => (await world.data<{ gremlin: Record<string, unknown> }>(DOCUMENT, { query })).gremlin;

describe('gremlin', () => {
  it('gives typed nodes with what surrounds them', async () => {
    expect(await ask("G.V().Has('Name', 'veth1')")).toMatchObject({
      kind: 'NODES',
      totalCount: 1,
      truncated: false,
      nodes: [{ __typename: 'NetworkInterface', name: 'veth1', ancestors: [{ name: 'blue' }, { name: 'web-1' }] }],
      edges: null,
      paths: null,
      values: null,
      json: [{ ID: 'veth1' }],
    });
  });

  it.each([
    ["G.V().Has('Type', 'veth').OutE()", { kind: 'EDGES', edges: [{ relationType: 'layer2', source: { name: 'veth0' } }] }],
    ['G.V().Count()', { kind: 'VALUE', values: [6], json: 6 }],
    ["G.V().Has('Type', 'veth').Values('State')", { kind: 'VALUES', values: ['UP', 'DOWN'], json: ['UP', 'DOWN'] }],
    ["G.V().Values('None')", { kind: 'VALUES', values: [], json: null }],
    ['G', { kind: 'GRAPH', totalCount: 13, json: [{ Nodes: expect.any(Array), Edges: expect.any(Array) }] }],
    [
      "G.V('br0').ShortestPathTo(Metadata('Name', 'veth1'))",
      { kind: 'PATHS', paths: [{ length: 2, nodes: [{ name: 'br0' }, { name: 'veth0' }, { name: 'veth1' }] }] },
    ],
    ['G.V().Both()', { kind: 'NODES', totalCount: 14, truncated: false }],
    [
      'G.V().Both().Both()',
      { truncated: true, nodes: expect.objectContaining({ length: 15 }), json: expect.objectContaining({ length: 15 }) },
    ],
  ])('answers %s', async (query, expected) => expect(await ask(query)).toMatchObject(expected));

  it.each([
    ["G.V().Has('Ty", { from: 11, items: [{ text: 'Type', doc: '6 elements' }] }],
    ["G.V().Has('Type', 've", { from: 19, items: [{ text: 'veth', doc: '2 elements' }] }],
    ["G.V().Has('RelationType', 'l", { from: 27, items: [] }],
    ["G.E().Has('RelationType', 'l", { from: 27, items: [{ text: 'layer2' }] }],
    ['G.V().HasN', { from: 6, items: [{ text: 'HasNot' }] }],
  ])('completes %s from the live graph', async (query, expected) => {
    const { gremlinCompletions } = await world.data<{ gremlinCompletions: unknown }>(
      'query ($query: String!) { gremlinCompletions(query: $query) { from items { text doc } } }',
      { query },
    );
    expect(gremlinCompletions).toMatchObject(expected);
  });

  it('says where a string is wrong', async () => {
    const { errors } = await world.ask(DOCUMENT, { query: "G.V().Hass('a')" });
    expect(errors![0]).toMatchObject({ message: 'Expected step function, got: Hass', path: ['gremlin'] });
  });
});

it('gremlinExplain shows the plan and runs nothing', async () => {
  const { gremlinExplain } = await world.data<{ gremlinExplain: unknown }>(
    `{ gremlinExplain(query: "G.At('-1h').V().Has('Name', 'x').Flows().Count()") { gives steps { step takes gives access } } }`,
  );
  expect(gremlinExplain).toEqual({
    gives: 'VALUE',
    steps: [
      { step: "At('-1h')", takes: 'graph', gives: 'graph', access: null },
      { step: "V().Has('Name', 'x')", takes: 'graph', gives: 'nodes', access: 'index on Name' },
      { step: 'Flows()', takes: 'nodes', gives: 'flows', access: null },
      { step: 'Count()', takes: 'flows', gives: 'single value', access: null },
    ],
  });
});

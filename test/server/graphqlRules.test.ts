import { buildSchema, getOperationAST, parse, validate, type GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { aliasRule } from '../../src/server/graphql/aliasRule.js';
import { buildCanopySchema } from '../../resolvers/build.js';
import { costCheck } from '../../src/server/graphql/cost.js';
import { depthRule } from '../../src/server/graphql/depthRule.js';
import { eventFieldsRule } from '../../src/server/graphql/eventFieldsRule.js';

const schema: GraphQLSchema = buildSchema(`
  interface Node { id: ID! name: String! metadata: String neighbors(first: Int, after: String): NodeConnection! ancestors: [Node!]! }
  type Link implements Node { id: ID! name: String! metadata: String mac: String peer: Link neighbors(first: Int, after: String): NodeConnection! ancestors: [Node!]! }
  type Edge { id: ID! source: Node! sourceId: ID! }
  union Element = Link | Edge
  type NodeEdge { cursor: String! node: Node! }
  type NodeConnection { nodes: [Node!]! edges: [NodeEdge!]! totalCount: Int! }
  type Change { element: Element! paths: [Path!]! }
  type Path { path: String! }
  type Changes { changes: [Change!]! }
  type Query { nodes(first: Int = 50, last: Int): NodeConnection! node(id: ID!): Node }
  type Subscription { topologyChanges: Changes! other: Changes! }
`);
const problems = (document: string, ...rules: Parameters<typeof validate>[2] & object) =>
  validate(schema, parse(document), rules).map(({ message }) => message);

describe('depth', () => {
  const nested = (levels: number) => `{ node(id: "a") ${'{ ancestors '.repeat(levels)}{ id }${' }'.repeat(levels)} }`;
  it.each([
    [nested(2), 4, 0],
    [nested(3), 4, 1],
    ['{ node(id: "a") { ...F } } fragment F on Node { ancestors { ancestors { id } } }', 4, 0],
    ['{ node(id: "a") { ...F } } fragment F on Node { ancestors { ancestors { id } } }', 3, 1],
    ['{ node(id: "a") { ... on Link { ancestors { id } } } }', 3, 0],
    ['{ node(id: "a") { ...F } } fragment F on Node { ancestors { ...F } }', 3, 0],
  ])('%s with at most %i has %i problems', (document, limit, count) => {
    expect(problems(document, depthRule(limit))).toHaveLength(count);
  });
});

describe('aliases', () => {
  const aliased = (count: number) => `{ ${Array.from({ length: count }, (_, index) => `a${index}: __typename`).join(' ')} }`;
  it('are counted over the whole document and reported once', () => {
    expect(problems(aliased(10), aliasRule(10))).toEqual([]);
    expect(problems(aliased(30), aliasRule(10))).toHaveLength(1);
  });
});

describe('fields of an event', () => {
  const live = (selection: string, root = 'topologyChanges', more = '') =>
    problems(`subscription { ${root} { changes { element { ${selection} } } } } ${more}`, eventFieldsRule);

  it('are those of the element itself', () => {
    expect(live('... on Link { id name mac metadata } ... on Edge { id sourceId }')).toEqual([]);
  });

  it.each([
    ['... on Link { peer { id } }', 'Link.peer'],
    ['... on Node { neighbors { totalCount } }', 'Node.neighbors'],
    ['... on Edge { source { id } }', 'Edge.source'],
    ['...F', 'Node.ancestors', 'fragment F on Node { id ...G } fragment G on Node { ancestors { id } }'],
  ])('are not %s', (selection, field, fragments = '') => {
    const [problem, ...others] = live(selection, 'topologyChanges', fragments);
    expect(problem).toContain(`'${field}'`);
    expect(others).toEqual([]);
  });

  it('are free in other subscriptions', () => {
    expect(live('... on Link { peer { id } }', 'other')).toEqual([]);
  });
});

describe('cost', () => {
  const canopy = buildCanopySchema();
  const check = (document: string, variables = {}, limits = { cost: 3_000, pageSize: 100, pictureElements: 500 }, of = schema) => {
    const parsed = parse(document);
    return costCheck(of, parsed, getOperationAST(parsed)!, limits)(variables)?.extensions.details as Record<string, unknown> | undefined;
  };

  it.each([
    ['{ nodes { nodes { id } } }', 50],
    ['{ nodes(first: 7) { nodes { id } } }', 7],
    ['{ nodes(last: 7) { nodes { id } } }', 7],
    ['{ nodes(first: 7) { edges { node { id } } } }', 14],
    ['{ nodes(first: 10) { nodes { neighbors(first: 10) { nodes { id } } } } }', 110],
    ['{ nodes(first: 2) { nodes { ancestors { id } } } }', 22],
    ['{ a: nodes(first: 2) { ...C } b: nodes(first: 3) { ...C } } fragment C on NodeConnection { nodes { id } }', 5],
    ['{ nodes(first: 2) { totalCount } }', 0],
    ['{ __schema { types { name } } }', 0],
  ])('of %s is %i', (document, cost) => {
    expect(check(document, {}, { cost: -1, pageSize: 100, pictureElements: 500 })?.value ?? 0).toBe(cost);
  });

  it('takes page sizes from variables, and their defaults', () => {
    const document = 'query ($n: Int = 60, $m: Int) { nodes(first: $n) { nodes { neighbors(first: $m) { nodes { id } } } } }';
    expect(check(document, {})).toMatchObject({ limit: 'cost', value: 60 + 60 * 50 });
    expect(check(document, { n: 10, m: 10 })).toBeUndefined();
    expect(check(document, { n: 101 })).toMatchObject({ limit: 'pageSize', field: 'nodes', value: 101, valid: 100 });
  });

  it('cannot be lowered by a negative page', () => {
    expect(
      check('{ nodes(first: -1000) { nodes { id } } b: nodes(first: 100) { nodes { neighbors(first: 100) { nodes { id } } } } }'),
    ).toMatchObject({
      limit: 'cost',
      value: 100 + 100 * 100,
    });
  });

  it.each([
    ['{ gremlin(query: "G.V()") { totalCount json } }', 1],
    ['{ gremlin(query: "G.V()") { nodes { id } } }', 1 + 500],
    ['{ gremlin(query: "G.V()", limit: 7) { nodes { id } edges { source { id } } } }', 1 + 7 + 14],
    ['{ gremlin(query: "G.V()", limit: 9000) { nodes { id } } }', 1 + 500],
    ['query ($most: Int = 20) { gremlin(query: "G.V()", limit: $most) { nodes { neighbors(first: 10) { nodes { id } } } } }', 1 + 20 * 11],
  ])('of a list that is cut, as in %s, is %i', (document, cost) => {
    expect(check(document, {}, { cost: -1, pageSize: 100, pictureElements: 500 }, canopy)?.value).toBe(cost);
  });
});

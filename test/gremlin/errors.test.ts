import { describe, expect, it } from 'vitest';
import type { CanopyError } from '../../src/common/errors.js';
import { compile } from '../../src/gremlin/gremlin.js';
import { parse } from '../../src/gremlin/parse.js';
import { answer, smallGraph } from './builders.js';

/** What a call throws. */
function fault(act: () => unknown): CanopyError {
  try {
    act();
  } catch (error) {
    return error as CanopyError;
  }
  throw new Error('nothing was thrown');
}

describe('a string that cannot be read gets the text that scripts know', () => {
  it.each([
    ['', 'found "", expected `G`'],
    ['V()', 'found "V", expected `G`'],
    ['G()', 'found "(", expected `.`'],
    ['G V()', 'found "V", expected `.`'],
    ['G.', 'Expected step function, got: '],
    ['G.Foo()', 'Expected step function, got: Foo'],
    ['G.V().Within(1)', 'Expected step function, got: Within'],
    ['G.V', 'Expected left parenthesis, got: '],
    ['G.V.Has()', 'Expected left parenthesis, got: .'],
    ['G.V(', 'Expected right parenthesis'],
    ["G.V('a", 'Expected right parenthesis'],
    ["G.V().Has('a', -1)", 'Unexpected token while parsing parameters, got: -'],
    ["G.V().Has('a', Outside(1, 2))", 'Unexpected token while parsing parameters, got: Outside'],
    ["G.V().Has('a', b)", 'Unexpected token while parsing parameters, got: b'],
    ["G.V()\r.Has('a')", 'found "\r", expected `.`'],
    ["G.V().Has('a', 1.2.3)", 'Expected number token, got: 1.2.3'],
    ['G.V(1)', 'V parameter must be a string : [1]'],
    ["G.V('a', 'b')", 'V accepts at most one parameter : [a b]'],
    ['G.E(1)', 'E parameter must be a string : [1]'],
    ["G.E('a', 'b')", 'E accepts at most one parameter : [a b]'],
    ['G.V().Dedup(1)', 'Dedup parameters have to be string keys : [1]'],
    ['G.V().HasNot(1)', 'HasNot accepts only one parameter of type string : [1]'],
    ["G.V().HasKey('a', 'b')", 'HasKey accepts only one parameter of type string : [a b]'],
    ["G.V().ShortestPathTo('a')", 'ShortestPathTo predicate accepts only 1 or 2 parameters : [a]'],
    ['G.V().Count(1)', 'Count accepts no parameter : [1]'],
    ['G.V().Sort(1)', 'Sort parameter has to be a string key : 1'],
    ["G.V().Sort('a', 'b')", 'Use ASC or DESC predicate : a'],
    ['G.V().Sort(ASC, 1)', 'Second sort parameter has to be a string key : 1'],
    ["G.V().Sort(ASC, 'a', 'b')", 'Sort accepts 1 predicate and 1 string parameter : [ASC a b]'],
    ['G.V().Range(1)', 'Range requires 2 parameters : [1]'],
    ['G.V().Limit()', 'Limit requires 1 parameter : []'],
    ['G.V().Values()', 'Values requires 1 parameter : []'],
    ['G.V().Values(true)', 'Values parameter has to be a string key : [true]'],
    ['G.V().ValueMap()', 'ValueMap requires at least on parameter : []'],
    ['G.V().ValueMap(1)', 'ValueMap parameters have to be string keys : [1]'],
    ['G.V().As()', 'As requires 1 parameter : []'],
    ['G.V().As(1)', 'As parameter has to be a string key : [1]'],
    ['G.V().Select()', 'Select requires at least one key : []'],
    ["G.V().Has('a', Lt(1, 2))", 'One parameter expected with LT: [1 2]'],
    ["G.V().Has('a', IPV4Range())", 'One parameter expected with IPV4RANGE: []'],
    ["G.V().Has('a', Inside(1))", 'Two parameters expected with INSIDE: [1]'],
    ["G.V().Has('a', Between(1, 2, 3))", 'Two parameters expected with BETWEEN: [1 2 3]'],
    ["G.V().Has('a', Regex(1))", 'REGEX predicate expects a string as parameter, got: Regex'],
    ["G.V().ShortestPathTo(Metadata('a'))", 'slice must be defined by pair k,v: [a]'],
    ['G.V().ShortestPathTo(Metadata(1, 2))', 'keys should be of string type'],
    ['G.V().Metrics(1)', 'Metrics parameter have to be a string'],
    ["G.V().Metrics('x')", 'Metric field unknown : [x]'],
    ["G.V().Metrics('a', 'b')", 'Metrics accepts one parameter : [a b]'],
    ['G.V().NextHop()', 'NextHop accepts one parameter : []'],
    ['G.V().NextHop(1)', 'NextHop parameter have to be a string'],
    ["G.V().NextHop('x')", 'NextHop parameter have to be a valid IP address'],
    ["G.V().Ascendants('x')", 'Ascendants last argument must be the maximum depth specified as an integer'],
    ["G.Flows('a')", 'At least two parameters must be provided'],
    ["G.Flows('a', 1, 'b')", 'slice must be defined by pair k,v: [a 1 b]'],
    ['G.Workflow()', 'Workflow requires at least 1 parameter'],
    ['G.Workflow(1)', 'Workflow accepts a workflow id or name as first parameter'],
  ])('%s', (query, message) => {
    const error = fault(() => parse(query));
    expect([error.code, error.message]).toEqual(['GREMLIN_SYNTAX', message]);
  });
});

describe('a string that cannot run', () => {
  const graph = smallGraph();
  it.each([
    ['G.Has()', "Invalid step 'Has' on '*traversal.GraphTraversal'"],
    ['G.E().Sort()', "Invalid step 'Sort' on '*traversal.GraphTraversalE'"],
    ["G.E().Values('a')", "Invalid step 'PropertyValues' on '*traversal.GraphTraversalE'"],
    ['G.V().Count().Limit(1)', "Invalid step 'Limit' on '*traversal.GraphTraversalValue'"],
    ["G.Flows().HasKey('a')", "Invalid step 'HasKey' on '*traversal.FlowTraversalStep'"],
    ['G.V().V()', 'Error while executing the query'],
    ['G.V().Context(1)', 'Error while executing the query'],
    ['G.E().OutE()', 'Error while executing the query'],
    ["G.V('x')", "Node 'x' does not exist"],
    ["G.E('x')", "Edge 'x' does not exist"],
    ['G.Context()', "At least one parameter must be provided to 'Context'"],
    ['G.Context(1, 2, 3)', "At most two parameters must be provided to 'Context'"],
    ['G.Context(true)', "Key 'Context' must be either an integer or a string"],
    ["G.Context('yesterday')", 'Time must be in RFC1123 or in Go Duration format'],
    ['G.V().Has()', 'At least one parameter must be provided'],
    ["G.V().Has('a', 1, 'b')", 'params should be a list of key,value'],
    ['G.V().Has(1, 2)', 'keys should be of string type'],
    ['G.V().Has(1)', 'Key must be a string'],
    ["G.V().Has('a', Regex('^a'))", "Regex are anchored by default, ^ and $ don't have to be provided"],
    ["G.V().Has('a', Regex('a$'))", "Regex are anchored by default, ^ and $ don't have to be provided"],
    ["G.V().Has('a', Lt('x'))", 'LT values should be of int64 type'],
    ["G.V().Has('a', GTE('x'))", 'GTE values should be of int64 type'],
    ["G.V().Has('a', Inside('x', 1))", 'Inside values should be of int64 type'],
    ["G.V().Has('a', Between(1, 'x'))", 'Between values should be of int64 type'],
    ["G.V().Has('a', IPV4Range(1))", 'Ipv4Range value has to be a string'],
    ["G.V().Range('a', 1)", 'a is not an integer'],
    ["G.V().Select('a')", "Key a not registered. Need to be registered using 'As' step"],
    ['G.V().Sum()', 'Sum requires 1 parameter'],
    ['G.V().Sum(1)', 'Sum parameter has to be a string key'],
    ["G.Workflow('x')", "Unknown workflow 'x"],
  ])('%s', async (query, message) => {
    await expect(answer(graph, query)).rejects.toMatchObject({ code: 'BAD_INPUT', message });
  });

  it('names what no library can compile', () => {
    expect(fault(() => compile("G.V().Has('a', Regex('(b'))"))).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('error parsing regexp'),
    });
  });
});

it('says where, what was expected, and what was probably meant', () => {
  expect(fault(() => parse("G.V()\n  .Hsa('Type')")).details).toEqual({ line: 2, column: 4, expected: 'a step', nearest: 'Has' });
  expect(fault(() => parse("G.V().Has('Type', 'veth'.Count()")).details).toEqual({
    line: 1,
    column: 25,
    expected: 'a string, a number, true, false, a predicate or )',
  });
  expect(fault(() => compile("G.V().Has('a', Lt('x'))")).details).toEqual({ line: 1, column: 19 });
});

describe('a string out of all bounds is refused at once', () => {
  it.each([
    ['a megabyte', `G.V('${'x'.repeat(1_000_000)}')`, 'length'],
    ['ten thousand steps', `G.V()${'.Out()'.repeat(10_000)}`, 'steps'],
    ['ten thousand parameters', `G.V().Has(${'1 '.repeat(10_000)})`, 'parameters'],
    ['ten thousand nested', `G.V().Has('a', ${'Ne('.repeat(10_000)}`, 'nesting'],
  ])('%s', (_name, query, budget) => {
    expect(fault(() => parse(query))).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { budget } });
  });
});

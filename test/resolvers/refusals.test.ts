import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy } from '../../src/server/auth/policy.js';
import type { Viewer } from '../../src/services/viewer.js';
import { openWorld, smallHost, type World } from '../services/world.js';

describe('wrong arguments', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    world.write(...smallHost);
  });
  afterAll(() => world.close());

  it.each([
    ['{ nodes(first: 1001) { totalCount } }', 'first: 1001 is not valid; give a number of entries from 0 to 1000'],
    ['{ nodes(first: -1) { totalCount } }', 'first: -1'],
    ['{ nodes(first: 1, last: 1) { totalCount } }', 'either first or last'],
    ['{ nodes(after: "x") { totalCount } }', "after: 'x' is not a cursor"],
    ['{ node(id: "br0") { edges(first: 5000) { totalCount } } }', 'first: 5000'],
    ['{ node(id: "br0") { neighbors(depth: 11) { totalCount } } }', 'depth: 11 is not valid; give a depth from 1 to 10'],
    [
      '{ nodes(filter: {name: {regex: "("}}) { totalCount } }',
      'filter.name.regex: "(" is not valid; give a regular expression in RE2 syntax',
    ],
    ['{ nodes(filter: {and: [{or: [{type: {regex: "a(?=b)"}}]}]}) { totalCount } }', 'filter.and[0].or[0].type.regex'],
    ['{ nodes(filter: {metadata: [{path: "MTU"}]}) { totalCount } }', 'filter.metadata[0]: '],
    ['{ topology(filter: {expand: {depth: 0}}) { at } }', 'filter.expand.depth: 0'],
    ['{ topologyOverview(groupBy: METADATA) { at } }', 'metadataPath: null is not valid; give a dotted path'],
    ['{ changeHistogram(between: {from: "-1h"}, step: "1ms") { start } }', 'step: "1ms" is not valid; give a step of at least'],
    ['{ changeHistogram(between: {from: "now", to: "-1h"}, step: "1m") { start } }', 'between.from'],
    ['{ changes(between: {from: "-1h"}, first: 2000) { totalCount } }', 'first: 2000'],
    ['{ topologyDiff(from: "now", to: "-1h") { from } }', 'topologyDiff.from'],
    ['{ topologyDiff(from: "-1h") { added(first: 9999) { totalCount } } }', 'first: 9999'],
    ['{ nodes(at: "yesterday") { totalCount } }', '"yesterday" is not valid; give an instant such as'],
    ['{ nodes(filter: {address: {within: "10.0.0.0"}}) { totalCount } }', '"10.0.0.0" is not valid; give an address with prefix length'],
    ['mutation { updateNodeMetadata(id: "br0", set: {Type: "x"}) { cursor } }', 'set: "Type" is not valid'],
    ['mutation { updateNodeMetadata(id: "br0", set: ["x"]) { cursor } }', 'set: ["x"] is not valid; give an object of values'],
    ['mutation { updateNodeMetadata(id: "br0", unset: ["a..b"]) { cursor } }', 'unset: "a..b"'],
    ['mutation { updateNodeMetadata(id: "br0") { cursor } }', 'at least one path'],
    ['mutation { updateNodeMetadata(id: "nobody", set: {a: 1}) { cursor } }', "there is no node 'nobody'"],
    ['mutation { removeElements(ids: ["veth0"]) { removed } }', "ids[0]: 'veth0' belongs to the origin 'agent.test'"],
  ])('%s', async (document, message) => {
    const before = world.recorder.position();
    const { errors } = await world.ask(document);
    expect(errors?.[0]?.message).toContain(message);
    expect(world.recorder.position()).toEqual(before);
  });

  it('name the variable as well', async () => {
    const { errors } = await world.ask('query($at: DateTime) { nodes(at: $at) { totalCount } }', { at: 'soon' });
    expect(errors?.[0]?.message).toMatch(/\$at.*"soon" is not valid; give an instant/s);
  });

  it('of a change’s element say where to ask instead', async () => {
    const { errors } = await world.ask(
      '{ changes(between: {from: "-1h"}, first: 1) { nodes { element { ... on Node { parent { id } } } } } }',
    );
    expect(errors?.[0]?.message).toContain('ask node(id:, at:)');
  });
});

describe('roles', () => {
  let reader: Viewer;
  let nobody: Viewer;
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    world.write(...smallHost);
    const policy = await openPolicy();
    reader = policy.viewer('reader token', ['reader']);
    nobody = policy.viewer('nobody', []);
  });
  afterAll(() => world.close());

  it('let readers read and not write', async () => {
    expect((await world.ask('{ nodes { totalCount } }', {}, reader)).errors).toBeUndefined();
    for (const document of [
      'mutation { removeElements(ids: []) { removed } }',
      'mutation { updateNodeMetadata(id: "br0", set: {a: 1}) { cursor } }',
      'mutation { publishTopology(input: {origin: "x", nodes: [{id: "n", name: "n", type: "t"}]}) { created } }',
    ]) {
      const { errors } = await world.ask(document, {}, reader);
      expect(errors?.[0]?.message).toMatch(/^'reader token' has no 'write' permission on '(topology|node|edge)'$/);
    }
  });

  it.each([
    '{ nodes { totalCount } }',
    '{ node(id: "br0") { id } }',
    '{ edges { totalCount } }',
    '{ edge(id: "x") { id } }',
    '{ topology { at } }',
    '{ topologyOverview { at } }',
    '{ topologyDiff(from: "-1m") { from } }',
    '{ changes(between: {from: "-1m"}) { totalCount } }',
    '{ changeHistogram(between: {from: "-1m"}, step: "1m") { start } }',
    '{ shortestPaths(from: {}, to: {}) { length } }',
    '{ agents { id } }',
    '{ status { version } }',
  ])('keep %s from those without one', async (document) => {
    const { errors } = await world.ask(document, {}, nobody);
    expect(errors?.[0]?.message).toMatch(/^'nobody' has no 'read' permission on '(topology|status)'$/);
  });
});

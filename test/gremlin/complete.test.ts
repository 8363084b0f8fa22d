import { describe, expect, it } from 'vitest';
import { wantedAt, type Wanted } from '../../src/gremlin/gremlin.js';

const texts = (wanted: Wanted): string[] => (wanted.kind === 'words' ? wanted.words.map(({ text }) => text) : []);

describe('what a string asks for at its end', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['', ['G'], []],
    ['G.', ['V', 'E', 'Context', 'At', 'Flows'], ['Out', 'Has']],
    ['G.V().', ['Has', 'Out', 'Values', 'Metrics'], ['V', 'OutV']],
    ['G.V().h', ['Has', 'HasKey', 'HasNot', 'HasEither'], ['Out']],
    ['G.E().', ['OutV', 'InV'], ['OutE']],
    ["G.V().Has('Type', ", ['Regex', 'Within', 'Ne', 'IPV4Range'], ['Has']],
    ['G.At(N', ['NOW'], ['FOREVER']],
  ])('%s: steps and predicates that fit', (written, among, notAmong) => {
    const found = texts(wantedAt(written));
    for (const text of among) expect(found).toContain(text);
    for (const text of notAmong) expect(found).not.toContain(text);
  });

  it.each<[string, Partial<Wanted>]>([
    ["G.V().Has('", { kind: 'key', of: 'nodes', written: '', from: 11 }],
    ["G.V().Has('Ty", { kind: 'key', of: 'nodes', written: 'Ty', from: 11 }],
    ["G.V().Has('Type', '", { kind: 'value', of: 'nodes', key: 'Type', written: '' }],
    ["G.V().Has('Type', 'veth', 'Name', 've", { kind: 'value', of: 'nodes', key: 'Name', written: 've' }],
    ["G.V().Has('Type', Within('veth', 'b", { kind: 'value', of: 'nodes', key: 'Type', written: 'b' }],
    ["G.V().Has('Type', Regex('v.*'), '", { kind: 'key', of: 'nodes', written: '' }],
    ["G.V().Values('", { kind: 'key', of: 'nodes' }],
    ["G.E().Has('Re", { kind: 'key', of: 'edges', written: 'Re' }],
    ["G.V().OutE('RelationType', '", { kind: 'value', of: 'edges', key: 'RelationType' }],
    ["G.E().OutV('Na", { kind: 'key', of: 'nodes', written: 'Na' }],
    ["G.V().ShortestPathTo(Metadata('Ty", { kind: 'key', of: 'nodes' }],
    ["G.V().ShortestPathTo(Metadata('Type', 'host'), Metadata('RelationType', 'l", { kind: 'value', of: 'edges', key: 'RelationType' }],
    ["G.V('", { kind: 'none' }],
    ["G.V().Has('Type', 'veth'", { kind: 'none' }],
    ["'", { kind: 'none' }],
    ['G.V())))((', { kind: 'words' }],
  ])('%s', (written, wanted) => {
    expect(wantedAt(written)).toMatchObject(wanted);
  });
});
